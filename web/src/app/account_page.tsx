// Signing up and in. The services judge the fields, all at once; here their words only find their place.

import { useEffect, useState } from "preact/hooks";
import type { Services } from "../services";
import { firstText as text } from "../text/first";
import { Field } from "./field";
import { Mark } from "./mark";
import { Notice } from "./notice";
import { useForm } from "./use_form";

interface Props {
  begun: Promise<Services>;
  email: string;
  setEmail: (email: string) => void;
  password: string;
  setPassword: (password: string) => void;
  /** Whether the form was sent before the app was there. */
  pressed: boolean;
  ended: boolean;
  isNew: boolean;
  /** Unless there was an account that was just deleted. */
  left?: string | undefined;
}

export function AccountPage({ begun, email, setEmail, password, setPassword, pressed, ended, isNew, left }: Props) {
  const [displayName, setDisplayName] = useState("");
  const [mailed, setMailed] = useState(false);
  const { failure, fields, busy, clear, submit, props } = useForm(async () => {
    setMailed(false);
    const { keeper } = await begun;
    const isIn = await (isNew ? keeper.signUp(email, password, displayName) : keeper.signIn(email, password));
    if (!isIn) setMailed(true);
    location.replace(isIn ? "#open" : "#sign-in");
  });
  const again = useForm(async () => {
    const { auth } = await begun;
    await auth.sendEmailVerification({ email });
    clear();
    setMailed(true);
  });
  useEffect(() => {
    if (pressed) submit();
  }, []);
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
      {/* Pressed before the scripts are here it must not go anywhere by itself: outside a dialog this goes nowhere. */}
      <form class="card account-form" method="dialog" {...props}>
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
