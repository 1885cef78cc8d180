// Asking for a mail with a link for a new password. What is said must not tell whether there is an account.

import { useState } from "preact/hooks";
import type { Services } from "../services";
import { firstText as text } from "../text/first";
import { Field } from "./field";
import { Notice } from "./notice";
import { PlainPage } from "./plain_page";
import { useForm } from "./use_form";

interface Props {
  begun: Promise<Services>;
  email: string;
  setEmail: (email: string) => void;
}

export function ForgotPage({ begun, email, setEmail }: Props) {
  const [sent, setSent] = useState(false);
  const { busy, failure, fields, props } = useForm(async () => {
    setSent(false);
    const { auth } = await begun;
    await auth.sendPasswordReset({ email });
    setSent(true);
  });
  return (
    <PlainPage
      title={text.forgotTitle}
      hint={text.forgotHint}
      link={{ href: "#sign-in", label: text.backToSignIn }}
    >
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {sent && <Notice tone="calm">{text.resetSent}</Notice>}
      <form class="card account-form" {...props}>
        <Field
          name="email"
          label={text.email}
          type="email"
          autocomplete="username"
          value={email}
          onValue={setEmail}
          fault={fields["email"]}
        />
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {busy ? `${text.sending}…` : text.sendLink}
        </button>
      </form>
    </PlainPage>
  );
}
