// Signing up and in. The services judge the fields, all at once; here their words only find their place.

import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../api/errors";
import type { SessionKeeper } from "../api/session";
import { text } from "../text";
import { Field } from "./field";
import { Mark } from "./icons";
import { Notice } from "./notice";

interface Props {
  keeper: SessionKeeper;
  ended: boolean;
  isNew: boolean;
}

export function AccountPage({ keeper, ended, isNew }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const fields = failure?.fields ?? {};

  async function submit(event: Event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await (isNew ? keeper.signUp(email, password, displayName) : keeper.signIn(email, password));
      location.replace("#open");
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    }
  }

  return (
    <main class="account">
      <header class="account-head">
        <Mark />
        <h1>{isNew ? text.signUpTitle : text.signInTitle}</h1>
        <p class="quiet">{text.tagline}</p>
      </header>
      {ended && failure === undefined && <Notice tone="calm">{text.sessionEnded}</Notice>}
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      <form class="card account-form" ref={form} onSubmit={submit} noValidate aria-busy={busy}>
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
      </form>
      <p class="account-other">
        {isNew ? text.toSignIn : text.toSignUp}{" "}
        <a href={isNew ? "#sign-in" : "#sign-up"} onClick={() => setFailure(undefined)}>
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
