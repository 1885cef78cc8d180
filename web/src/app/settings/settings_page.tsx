// The person's own account: who they are, where they are signed in, what goes in and out, and the way out.

import type { Client } from "@connectrpc/connect";
import { useMemo, useState } from "preact/hooks";
import { accountClient, type Held, type SessionKeeper, type TaskClients, type Wire } from "tandem-client";
import type { AuthService } from "tandem-client/gen/tandem/auth/v1/auth_service_pb";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { listsOf } from "../../model/rows";
import { text } from "../../text";
import { Notice } from "../notice";
import { useOnline } from "../use_online";
import { DeleteAccount } from "./delete_account";
import { Email } from "./email";
import { Events } from "./events";
import { ExportTasks } from "./export_tasks";
import { ExportUser } from "./export_user";
import { ImportTasks } from "./import_tasks";
import { Password } from "./password";
import { PendingDeletion } from "./pending_deletion";
import { Preferences } from "./preferences";
import { Profile } from "./profile";
import { Sessions } from "./sessions";

interface Props {
  auth: Client<typeof AuthService>;
  wire: Wire;
  clients: TaskClients;
  held: Held;
  keeper: SessionKeeper;
  user: User;
}

export function SettingsPage({ auth, wire, clients, held, keeper, user }: Props) {
  const account = useMemo(() => accountClient(keeper, wire), []);
  const online = useOnline();
  // Every change is an event, and some end sessions.
  const [version, setVersion] = useState(0);
  const onChanged = () => setVersion((seen) => seen + 1);
  return (
    <main class="settings">
      <div class="settings-head">
        <h1>{text.accountTitle}</h1>
        <a href="#open">{text.backToTasks}</a>
      </div>
      {!online && <Notice tone="calm">{text.accountNeedsNetwork}</Notice>}
      <fieldset class="settings-parts" disabled={!online}>
        {user.purgeTime && <PendingDeletion account={account} keeper={keeper} purgeTime={user.purgeTime} />}
        <Profile account={account} keeper={keeper} user={user} onChanged={onChanged} />
        <Email auth={auth} account={account} user={user} onChanged={onChanged} />
        <Sessions account={account} version={version} onChanged={onChanged} />
        <Password account={account} email={user.email} onChanged={onChanged} />
      </fieldset>
      <Preferences />
      <fieldset class="settings-parts" disabled={!online}>
        <ExportTasks transfer={clients.transfer} />
        <ImportTasks transfer={clients.transfer} lists={listsOf(held.store)} />
        <Events account={account} version={version} />
        <ExportUser account={account} onChanged={onChanged} />
        <DeleteAccount account={account} keeper={keeper} email={user.email} />
      </fieldset>
    </main>
  );
}
