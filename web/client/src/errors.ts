// What the services' errors say to a program: the reason of the contract, the fields at fault, when to try again.
// Words for people are the app's.

import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";
import { ErrorReason } from "./gen/tandem/errors/v1/error_reason_pb.js";

/** The reason as it travels in google.rpc.ErrorInfo: the name in the contract's enum without its prefix. */
export type Reason = keyof typeof ErrorReason;

const DOMAIN = "tandem";

/** What a failed call says. */
export interface TandemError {
  readonly code: Code;
  /** Unset when no service answered, or something that is not Tandem did. */
  readonly reason: Reason | undefined;
  /** What to do, by field name as in the request; the first violation of each field. */
  readonly fields: Readonly<Record<string, string>>;
  /** How long to wait before the next try, where the service said so. */
  readonly retryAfterMillis: number | undefined;
  /** The limits that were reached, such as `tasks`. */
  readonly quotas: readonly string[];
  /** To be reported with a fault of the service. */
  readonly requestId: string | undefined;
  /** Whether no service answered: nobody knows whether the call was heard. */
  readonly unreachable: boolean;
  /** The service's own sentence, for logs. */
  readonly message: string;
}

/** Reads whatever a call threw. */
export function errorOf(thrown: unknown): TandemError {
  const error = ConnectError.from(thrown);
  const reason = reasonOf(error);
  return {
    code: error.code,
    reason,
    fields: fieldsOf(error),
    retryAfterMillis: retryAfterMillis(error),
    quotas: error.findDetails(QuotaFailureSchema).flatMap(({ violations }) => violations.map(({ subject }) => subject)),
    requestId: infoOf(error)?.metadata["request_id"],
    unreachable: reason === undefined && isUnreachable(error),
    message: error.rawMessage,
  };
}

/** The reason alone; undefined for one that this client's contract does not know. */
export function reasonOf(thrown: unknown): Reason | undefined {
  const reason = infoOf(ConnectError.from(thrown))?.reason;
  return reason !== undefined && Number.isNaN(Number(reason)) && Object.hasOwn(ErrorReason, reason)
    ? (reason as Reason)
    : undefined;
}

function infoOf(error: ConnectError) {
  return error.findDetails(ErrorInfoSchema).find((info) => info.domain === DOMAIN);
}

function fieldsOf(error: ConnectError): Record<string, string> {
  const violations = error.findDetails(BadRequestSchema).flatMap((bad) => bad.fieldViolations);
  // The first violation of a field is the one to mend first.
  return Object.fromEntries(violations.reverse().map(({ field, description }) => [field, description]));
}

function retryAfterMillis(error: ConnectError): number | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay && Number(delay.seconds) * 1_000 + Math.ceil(delay.nanos / 1e6);
}

/** fetch reports a lost connection as a bare TypeError; a proxy answers 502 to 504, which map to Unavailable. */
function isUnreachable(error: ConnectError): boolean {
  return error.cause instanceof TypeError || [Code.Unavailable, Code.DeadlineExceeded].includes(error.code);
}
