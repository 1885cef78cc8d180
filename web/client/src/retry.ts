// Repeats calls where the contract makes a repeat harmless: reads, writes that carry a request_id, and RefreshSession,
// whose old token finds its one successor. Everything else is tried once.

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { errorOf } from "./errors.js";

/** Waits, and returns early when the signal says so. */
export type Pause = (millis: number, signal: AbortSignal) => Promise<void>;

const MOST_TRIES = 4;
const FIRST_MILLIS = 200;
/** Whoever is to wait for longer hears of it instead. */
const LONGEST_MILLIS = 5_000;

/** Within the call's deadline, which is one for all tries. */
export function repeating(pause: Pause = pauseFor): Interceptor {
  return (next) => async (request) => {
    if (request.stream || !isSafe(request.method.name, request.message)) return await next(request);
    for (let tries = 1; ; tries += 1) {
      try {
        return await next(request);
      } catch (error) {
        const millis = pauseBeforeNext(tries, error);
        if (millis === undefined || tries === MOST_TRIES || request.signal.aborted) throw error;
        await pause(millis, request.signal);
        if (request.signal.aborted) throw error;
      }
    }
  };
}

function isSafe(method: string, message: object): boolean {
  if (/^(Get|List|Search|BatchGet|RefreshSession$)/.test(method)) return true;
  return "requestId" in message && message.requestId !== "";
}

/** Undefined when a repeat is of no use. */
export function pauseBeforeNext(tries: number, thrown: unknown): number | undefined {
  const { code, retryAfterMillis, unreachable } = errorOf(thrown);
  const asked = retryAfterMillis ?? 0;
  const passes =
    unreachable ||
    [Code.Unavailable, Code.DeadlineExceeded].includes(code) ||
    (code === Code.ResourceExhausted && retryAfterMillis !== undefined);
  if (!passes || asked > LONGEST_MILLIS || ConnectError.from(thrown).code === Code.Canceled) return undefined;
  return asked + jittered(FIRST_MILLIS * 2 ** (tries - 1), LONGEST_MILLIS);
}

/** Somewhere in the upper half, so that the pages of many people do not come back all at once. */
export function jittered(millis: number, longest: number): number {
  return Math.min(millis, longest) * (0.5 + Math.random() / 2);
}

export function pauseFor(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, millis);
    signal.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
