// Turns whatever a call throws into words and decisions. Programs decide on `reason`, people read `text`.

import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";
import { reasonText, text, type Reason } from "../text";

const DOMAIN = "tandem";

export interface Failure {
  /** Unset when no service answered, or something that is not Tandem did. */
  readonly reason?: Reason;
  readonly text: string;
  /** What to do, by field name as in the request. */
  readonly fields: Readonly<Record<string, string>>;
}

export function failureOf(thrown: unknown): Failure {
  const error = ConnectError.from(thrown);
  const reason = reasonOf(error);
  if (reason === undefined) {
    return { text: isUnreachable(error) ? text.unreachable : text.unknown, fields: {} };
  }
  const hints = [retryHint(error), reportHint(error)].filter((hint) => hint !== undefined);
  return { reason, text: [reasonText[reason], ...hints].join(" "), fields: fieldsOf(error) };
}

export function reasonOf(thrown: unknown): Reason | undefined {
  const info = infoOf(ConnectError.from(thrown));
  return info !== undefined && Object.hasOwn(reasonText, info.reason) ? (info.reason as Reason) : undefined;
}

function infoOf(error: ConnectError) {
  return error.findDetails(ErrorInfoSchema).find((info) => info.domain === DOMAIN);
}

function fieldsOf(error: ConnectError): Record<string, string> {
  const violations = error.findDetails(BadRequestSchema).flatMap((bad) => bad.fieldViolations);
  // The first violation of a field is the one to mend first.
  return Object.fromEntries(violations.reverse().map(({ field, description }) => [field, description]));
}

function retryHint(error: ConnectError): string | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay === undefined) return undefined;
  return text.retryIn(Math.max(1, Number(delay.seconds) + Math.ceil(delay.nanos / 1e9)));
}

function reportHint(error: ConnectError): string | undefined {
  const info = infoOf(error);
  const id = info?.metadata["request_id"];
  return info?.reason === "INTERNAL" && id !== undefined ? text.report(id) : undefined;
}

/** fetch reports a lost connection as a bare TypeError; a proxy answers 502 to 504, which map to Unavailable. */
function isUnreachable(error: ConnectError): boolean {
  return error.cause instanceof TypeError || [Code.Unavailable, Code.DeadlineExceeded].includes(error.code);
}
