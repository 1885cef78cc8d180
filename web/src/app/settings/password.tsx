import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import { text } from "../../text";
import { Field } from "../field";
import { Notice } from "../notice";
import { useForm } from "../use_form";
import { Panel } from "./panel";
import { PasswordAgain } from "./password_again";

interface Props {
  account: Client<typeof AccountService>;
  email: string;
  onChanged: () => void;
}

/** A new password for the old one. */
export function Password({ account, email, onChanged }: Props) {
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNew] = useState("");
  const [changed, setChanged] = useState(false);
  const { busy, failure, fields, props } = useForm(async () => {
    setChanged(false);
    await account.changePassword({ currentPassword, newPassword });
    setCurrent("");
    setNew("");
    setChanged(true);
    onChanged();
  });
  return (
    <Panel title={text.changePassword}>
      <form class="panel-form" {...props}>
        {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
        {changed && <Notice tone="calm">{text.passwordChanged}</Notice>}
        <PasswordAgain
          name="current_password"
          email={email}
          value={currentPassword}
          onValue={setCurrent}
          fault={fields["current_password"]}
        />
        <Field
          name="new_password"
          label={text.newPassword}
          type="password"
          autocomplete="new-password"
          value={newPassword}
          onValue={setNew}
          fault={fields["new_password"]}
          hint={text.passwordHint}
        />
        <button type="submit" class="button button-quiet" aria-disabled={busy}>
          {busy ? `${text.changingPassword}…` : text.changePassword}
        </button>
      </form>
    </Panel>
  );
}
