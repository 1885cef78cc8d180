// The forms for whoever is not signed in. What was typed into one of them stands in the next one: most who ask for a new
// password have just tried the old one.

import { useEffect, useState } from "preact/hooks";
import type { Services } from "../services";
import { firstText as text, LANGUAGE } from "../text/first";
import { AccountPage } from "./account_page";
import { takeEarly } from "./early";
import { ForgotPage } from "./forgot_page";

interface Props {
  begun: Promise<Services>;
  /** Whether there was a session. */
  ended: boolean;
  hash: string;
}

export function SignedOut({ begun, ended, hash }: Props) {
  const [early] = useState(takeEarly);
  const [email, setEmail] = useState(early.email);
  const [password, setPassword] = useState(early.password);
  const [pressed, setPressed] = useState(early.pressed);
  // A form that somebody comes back to is not sent by itself.
  useEffect(() => setPressed(false), []);
  const common = { begun, email, setEmail };
  if (hash === "forgot") return <ForgotPage {...common} />;
  const isNew = hash === "sign-up";
  // What could be pressed early was the sign-in.
  const account = { ...common, password, setPassword, pressed: pressed && !isNew, ended, isNew };
  return <AccountPage {...account} left={leftOf(hash)} />;
}

/** What the way out left in the address. */
function leftOf(hash: string): string | undefined {
  const [found, until] = /^deleted(?:\/(\d+))?$/.exec(hash) ?? [];
  if (found === undefined) return undefined;
  if (until === undefined) return text.accountDeleted;
  return text.deletedUntil(new Date(Number(until)).toLocaleString(LANGUAGE, { dateStyle: "long", timeStyle: "short" }));
}
