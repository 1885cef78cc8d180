// Where the link in a mail leads that asks whether an email is its owner's. It takes a press of a button, since
// programs that look through mail open links as well.

import { useState } from "preact/hooks";
import type { Services } from "../services";
import { firstText as text } from "../text/first";
import { Field } from "./field";
import { useMailedCode } from "./mailed_code";
import { Notice } from "./notice";
import { PlainPage } from "./plain_page";
import { useForm } from "./use_form";

export function VerifyPage({ begun }: { begun: Promise<Services> }) {
  const [code, setCode] = useMailedCode();
  const [verified, setVerified] = useState<string>();
  const { busy, failure, fields, props } = useForm(async () => {
    const { auth } = await begun;
    const { email } = await auth.verifyEmail({ code });
    setVerified(email);
  });
  return (
    <PlainPage title={text.verifyTitle} link={{ href: "/", label: text.goOn }}>
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {verified !== undefined ? (
        <Notice tone="calm">{text.verified(verified)}</Notice>
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
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {busy ? `${text.verifying}…` : text.verify}
          </button>
        </form>
      )}
    </PlainPage>
  );
}
