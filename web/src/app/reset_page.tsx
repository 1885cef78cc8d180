// Where the link in a mail for a new password leads.

import { useState } from "preact/hooks";
import type { Services } from "../services";
import { firstText as text } from "../text/first";
import { Field } from "./field";
import { useMailedCode } from "./mailed_code";
import { Notice } from "./notice";
import { PlainPage } from "./plain_page";
import { useForm } from "./use_form";

export function ResetPage({ begun }: { begun: Promise<Services> }) {
  const [code, setCode] = useMailedCode();
  const [newPassword, setNewPassword] = useState("");
  const [done, setDone] = useState(false);
  const { busy, failure, fields, props } = useForm(async () => {
    const { auth } = await begun;
    await auth.resetPassword({ code, newPassword });
    setDone(true);
  });
  const link = done ? { href: "/#sign-in", label: text.signIn } : { href: "/#forgot", label: text.anotherMail };
  return (
    <PlainPage title={text.resetTitle} link={link}>
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {done ? (
        <Notice tone="calm">{text.resetDone}</Notice>
      ) : (
        <form class="card account-form" {...props}>
          <Field
            name="code"
            label={text.code}
            type="text"
            autocomplete="one-time-code"
            value={code}
            onValue={setCode}
            fault={fields["code"]}
          />
          <Field
            name="new_password"
            label={text.newPassword}
            type="password"
            autocomplete="new-password"
            value={newPassword}
            onValue={setNewPassword}
            fault={fields["new_password"]}
            hint={text.passwordHint}
          />
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {busy ? `${text.resetting}…` : text.reset}
          </button>
        </form>
      )}
    </PlainPage>
  );
}
