// The person's own account: who they are, where they are signed in, their password, and what happened.

import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { SessionKeeper } from "tandem-client";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { text } from "../../text";
import { Events } from "./events";
import { Password } from "./password";
import { Profile } from "./profile";
import { Sessions } from "./sessions";

interface Props {
  account: Client<typeof AccountService>;
  keeper: SessionKeeper;
  user: User;
}

export function SettingsPage({ account, keeper, user }: Props) {
  // Every change is an event, and some end sessions.
  const [version, setVersion] = useState(0);
  const onChanged = () => setVersion((seen) => seen + 1);
  return (
    <main class="settings">
      <div class="settings-head">
        <h1>{text.accountTitle}</h1>
        <a href="#open">{text.backToTasks}</a>
      </div>
      <Profile account={account} keeper={keeper} user={user} onChanged={onChanged} />
      <Sessions account={account} version={version} onChanged={onChanged} />
      <Password account={account} email={user.email} onChanged={onChanged} />
      <Events account={account} version={version} />
    </main>
  );
}
