import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { SessionKeeper } from "tandem-client";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import { text } from "../../text";
import { Notice } from "../notice";
import { useForm } from "../use_form";
import { Panel } from "./panel";
import { PasswordAgain } from "./password_again";

interface Props {
  account: Client<typeof AccountService>;
  keeper: SessionKeeper;
  email: string;
}

/** The way out: it takes the password once more, and says what goes. */
export function DeleteAccount({ account, keeper, email }: Props) {
  const [password, setPassword] = useState("");
  const { busy, failure, fields, props } = useForm(async () => {
    const { purgeTime } = await account.deleteUser({ password });
    const grace = purgeTime !== undefined && timestampMs(purgeTime) > Date.now();
    location.replace(grace ? `#deleted/${timestampMs(purgeTime)}` : "#deleted");
    // The session has ended with the account; this finds out, and takes the tasks from the page.
    await keeper.resume();
  });
  return (
    <Panel title={text.deleteAccount}>
      <p class="quiet">{text.deleteHint}</p>
      <details class="panel-more">
        <summary>{text.deleteAsk}</summary>
        <form class="panel-form" {...props}>
          {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
          <PasswordAgain
            name="delete_password"
            email={email}
            value={password}
            onValue={setPassword}
            fault={fields["password"]}
          />
          <button type="submit" class="button button-bad" aria-disabled={busy}>
            {busy ? `${text.deleting}…` : text.deleteConfirm}
          </button>
        </form>
      </details>
    </Panel>
  );
}
