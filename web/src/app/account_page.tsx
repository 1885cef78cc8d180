// Signing up and in. The services judge the fields, all at once; here their words only find their place.

import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { SessionKeeper } from "tandem-client";
import type { AuthService } from "tandem-client/gen/tandem/auth/v1/auth_service_pb";
import { text } from "../text";
import { Field } from "./field";
import { Mark } from "./icons";
import { Notice } from "./notice";
import { useForm } from "./use_form";

interface Props {
  keeper: SessionKeeper;
  auth: Client<typeof AuthService>;
  ended: boolean;
  isNew: boolean;
  /** Unless there was an account that was just deleted. */
  left?: string | undefined;
}

export function AccountPage({ keeper, auth, ended, isNew, left }: Props) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [mailed, setMailed] = useState(false);
  const { failure, fields, busy, clear, props } = useForm(async () => {
    setMailed(false);
    const begun = await (isNew ? keeper.signUp(email, password, displayName) : keeper.signIn(email, password));
    if (!begun) setMailed(true);
    location.replace(begun ? "#open" : "#sign-in");
  });
  const again = useForm(async () => {
    await auth.sendEmailVerification({ email });
    clear();
    setMailed(true);
  });
  const shown = again.failure ?? failure;
  const unverified = failure?.reason === "EMAIL_NOT_VERIFIED";

  return (
    <main class="account">
      <header class="account-head">
        <Mark />
        <h1>{isNew ? text.signUpTitle : text.signInTitle}</h1>
        <p class="quiet">{text.tagline}</p>
      </header>
      {(left !== undefined || ended) && !mailed && shown === undefined && (
        <Notice tone="calm">{left ?? text.sessionEnded}</Notice>
      )}
      {mailed && shown === undefined && <Notice tone="calm">{text.mailFirst}</Notice>}
      {shown !== undefined && (
        <Notice tone="bad" {...(unverified && { action: text.sendAgain, onAction: again.submit })}>
          {shown.text}
        </Notice>
      )}
      <form class="card account-form" {...props}>
        {isNew && (
          <Field
            name="display_name"
            label={text.displayName}
            type="text"
            autocomplete="name"
            value={displayName}
            onValue={setDisplayName}
            fault={fields["display_name"]}
            optional
          />
        )}
        <Field
          name="email"
          label={text.email}
          type="email"
          autocomplete="username"
          value={email}
          onValue={setEmail}
          fault={fields["email"]}
        />
        <Field
          name="password"
          label={text.password}
          type="password"
          autocomplete={isNew ? "new-password" : "current-password"}
          value={password}
          onValue={setPassword}
          fault={fields["password"]}
          hint={isNew ? text.passwordHint : undefined}
        />
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {label(isNew, busy)}
        </button>
        {!isNew && (
          <a class="account-forgot" href="#forgot">
            {text.forgot}
          </a>
        )}
      </form>
      <p class="account-other">
        {isNew ? text.toSignIn : text.toSignUp}{" "}
        <a href={isNew ? "#sign-in" : "#sign-up"} onClick={clear}>
          {isNew ? text.signIn : text.signUp}
        </a>
      </p>
    </main>
  );
}

function label(isNew: boolean, busy: boolean): string {
  if (busy) return `${isNew ? text.signingUp : text.signingIn}…`;
  return isNew ? text.signUp : text.signIn;
}
