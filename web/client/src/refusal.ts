// A refusal as it can be kept: an error that the person has not seen yet outlives the page.

import { ConnectError, type Code } from "@connectrpc/connect";

/** What an error says, without the error. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly value: Uint8Array }[];
}

export function refusalOf(thrown: unknown): Refusal {
  const { code, rawMessage, details } = ConnectError.from(thrown);
  const incoming = details.flatMap((detail) => ("type" in detail ? [{ type: detail.type, value: detail.value }] : []));
  return { code, message: rawMessage, details: incoming };
}

/** The error again, as `errorOf` reads it. */
export function errorFrom({ code, message, details }: Refusal): ConnectError {
  const error = new ConnectError(message, code);
  error.details = details.map(({ type, value }) => ({ type, value }));
  return error;
}
