// The person's address: whether it is known to be theirs, and the way to another.

import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import type { AuthService } from "tandem-client/gen/tandem/auth/v1/auth_service_pb";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { text } from "../../text";
import { Field } from "../field";
import { Notice } from "../notice";
import { useForm } from "../use_form";
import { Panel } from "./panel";
import { PasswordAgain } from "./password_again";

interface Props {
  auth: Client<typeof AuthService>;
  account: Client<typeof AccountService>;
  user: User;
  onChanged: () => void;
}

export function Email({ auth, account, user, onChanged }: Props) {
  const [newEmail, setNewEmail] = useState("");
  const [password, setPassword] = useState("");
  const [said, setSaid] = useState<string>();
  const confirm = useForm(async () => {
    setSaid(undefined);
    await auth.sendEmailVerification({ email: user.email });
    setSaid(text.confirmationSent);
    onChanged();
  });
  const { busy, failure, fields, props } = useForm(async () => {
    setSaid(undefined);
    await account.changeEmail({ newEmail, password });
    setSaid(text.emailAsked(newEmail));
    setNewEmail("");
    setPassword("");
    onChanged();
  });
  const fault = confirm.failure ?? failure;
  const known = user.emailVerified;
  return (
    <Panel title={text.email}>
      <p class="panel-email">
        <span>
          {user.email}{" "}
          <span class={known ? "badge" : "badge badge-quiet"}>{known ? text.confirmed : text.notConfirmed}</span>
        </span>
      </p>
      {!known && (
        <button type="button" class="button button-quiet" aria-disabled={confirm.busy} onClick={confirm.submit}>
          {confirm.busy ? `${text.sending}…` : text.sendConfirmation}
        </button>
      )}
      {fault !== undefined && <Notice tone="bad">{fault.text}</Notice>}
      {said !== undefined && (
        <Notice tone="calm">
          {said} <a href="/verify">{text.haveCode}</a>
        </Notice>
      )}
      <details class="panel-more">
        <summary>{text.changeEmail}</summary>
        <form class="panel-form" {...props}>
          <p class="quiet">{text.changeEmailHint}</p>
          <Field
            name="new_email"
            label={text.newEmail}
            type="email"
            autocomplete="email"
            value={newEmail}
            onValue={setNewEmail}
            fault={fields["new_email"]}
          />
          <PasswordAgain
            name="email_password"
            email={user.email}
            value={password}
            onValue={setPassword}
            fault={fields["password"]}
          />
          <button type="submit" class="button button-quiet" aria-disabled={busy}>
            {busy ? `${text.sending}…` : text.changeEmail}
          </button>
        </form>
      </details>
    </Panel>
  );
}
