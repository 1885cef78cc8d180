// The forms for whoever is not signed in. An email that was typed into one of them stands in the next one: most who ask
// for a new password have just tried the old one.

import { useEffect, useState } from "preact/hooks";
import type { Services } from "../services";
import { firstText as text, LANGUAGE } from "../text/first";
import { AccountPage } from "./account_page";
import { NOTHING_EARLY, takeEarly } from "./early";
import { ForgotPage } from "./forgot_page";

interface Props {
  begun: Promise<Services>;
  /** Whether there was a session. */
  ended: boolean;
  hash: string;
}

export function SignedOut({ begun, ended, hash }: Props) {
  const [early, setEarly] = useState(takeEarly);
  const [email, setEmail] = useState(early.email);
  // What was done early is done once: a form that somebody comes back to is not sent by itself.
  useEffect(() => setEarly(NOTHING_EARLY), []);
  const common = { begun, email, setEmail };
  if (hash === "forgot") return <ForgotPage {...common} />;
  return <AccountPage {...common} early={early} ended={ended} isNew={hash === "sign-up"} left={leftOf(hash)} />;
}

/** What the way out left in the address. */
function leftOf(hash: string): string | undefined {
  const [found, until] = /^deleted(?:\/(\d+))?$/.exec(hash) ?? [];
  if (found === undefined) return undefined;
  if (until === undefined) return text.accountDeleted;
  return text.deletedUntil(new Date(Number(until)).toLocaleString(LANGUAGE, { dateStyle: "long", timeStyle: "short" }));
}
