// Turns whatever a call throws into words. Programs decide on `reason`, people read `text`.

import { errorOf, type Reason } from "tandem-client";
import { reasonText, text } from "./text";

export interface Failure {
  /** Unset when no service answered, or something that is not Tandem did. */
  readonly reason?: Reason;
  readonly text: string;
  /** What to do, by field name as in the request. */
  readonly fields: Readonly<Record<string, string>>;
}

export function failureOf(thrown: unknown): Failure {
  const { reason, fields, retryAfterMillis, requestId, unreachable } = errorOf(thrown);
  if (reason === undefined) return { text: unreachable ? text.unreachable : text.unknown, fields: {} };
  const words = [reasonText[reason]];
  if (retryAfterMillis !== undefined) words.push(text.retryIn(Math.max(1, Math.ceil(retryAfterMillis / 1_000))));
  if (reason === "INTERNAL" && requestId !== undefined) words.push(text.report(requestId));
  return { reason, text: words.join(" "), fields };
}
