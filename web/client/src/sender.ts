// Sends the unsent edits of one person, in order. What the service may have heard of is repeated with the same bytes
// and the same request_id until its fate is known; only then may it change.

import { Code } from "@connectrpc/connect";
import { editOf, read, send, type Entry } from "./edits.js";
import { errorOf } from "./errors.js";
import { Closed, type Change } from "./local.js";
import { conflictOf, nextOf, prepared, renamed } from "./outbox.js";
import { refusalOf } from "./refusal.js";
import { jittered, type Pause } from "./retry.js";
import type { Store, Update } from "./store.js";
import type { Tabs } from "./tabs.js";
import type { TaskClients } from "./task_clients.js";

/** What a sender needs of the replica. */
export interface Desk {
  readonly base: Store;
  readonly entries: readonly Entry[];
  subscribe(listener: () => void): () => void;
  commit(work: (change: Change) => Promise<void>): Promise<void>;
}

type Answer =
  | { readonly kind: "done" | "stale"; readonly updates: readonly Update[] }
  | { readonly kind: "refused"; readonly error: unknown };

const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 30_000;
/** Of a fault of the service; then the person is asked. */
const MOST_FAULTS = 3;

/** To be run in one tab at a time. */
export class Sender {
  readonly #desk: Desk;
  readonly #clients: TaskClients;
  readonly #tabs: Pick<Tabs, "online">;
  readonly #pause: Pause;
  readonly #onReach: (unreachable: boolean) => void;

  constructor(
    desk: Desk,
    { clients, tabs, pause }: { clients: TaskClients; tabs: Pick<Tabs, "online">; pause: Pause },
    onReach: (unreachable: boolean) => void,
  ) {
    this.#desk = desk;
    this.#clients = clients;
    this.#tabs = tabs;
    this.#pause = pause;
    this.#onReach = onReach;
  }

  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const entry = nextOf(this.#desk.entries, this.#desk.base);
      if (entry === undefined) {
        await this.#somethingNew(signal);
        continue;
      }
      // What is certain not to arrive is better not sent: until then it can still be joined with later edits.
      if (!this.#tabs.online) {
        await this.#pause(FIRST_PAUSE_MILLIS, signal);
        continue;
      }
      try {
        await this.#deliver(entry, failures, signal);
        failures = 0;
        this.#onReach(false);
      } catch (error) {
        if (signal.aborted) return;
        const { unreachable, retryAfterMillis, code } = errorOf(error);
        if (error instanceof Closed) throw error;
        failures += 1;
        this.#onReach(unreachable || code === Code.Unavailable);
        const backoff = jittered(FIRST_PAUSE_MILLIS * 2 ** (failures - 1), LONGEST_PAUSE_MILLIS);
        await this.#pause(Math.max(retryAfterMillis ?? 0, backoff), signal);
      }
    }
  }

  /** Throws what a later try may mend. */
  async #deliver({ seq }: Entry, failures: number, signal: AbortSignal): Promise<void> {
    const entry = await this.#freeze(seq);
    if (entry === undefined) return;
    const answer = await this.#ask(entry, failures, signal);
    await this.#desk.commit(async (change) => {
      if (answer.kind === "refused") return await change.putEntry({ ...entry, refusal: refusalOf(answer.error) });
      for (const update of answer.updates) if (update.kind !== "removed") await change.answer(update);
      // These bytes were not and will not be done: an etag never comes back.
      if (answer.kind === "stale") await change.putEntry(renamed(entry));
      else await change.dropEntry(seq);
    });
  }

  async #ask(entry: Entry, failures: number, signal: AbortSignal): Promise<Answer> {
    const edit = editOf(entry);
    try {
      return { kind: "done", updates: await send(this.#clients, edit, signal) };
    } catch (error) {
      if (signal.aborted || mayPass(error, failures)) throw error;
      if (errorOf(error).reason !== "ETAG_MISMATCH") return { kind: "refused", error };
    }
    try {
      return { kind: "stale", updates: [await read(this.#clients, edit, signal)] };
    } catch (error) {
      if (signal.aborted || mayPass(error, failures)) throw error;
      return { kind: "refused", error };
    }
  }

  /** What is about to be sent is on disk before it is: after a reload it is known that somebody may have heard of it. */
  async #freeze(seq: number): Promise<Entry | undefined> {
    let frozen: Entry | undefined;
    await this.#desk.commit(async (change) => {
      const entry = await change.entry(seq);
      if (entry === undefined || entry.refusal !== undefined) return;
      // The copy may have changed since this one was chosen.
      if (conflictOf(entry, this.#desk.base) !== undefined) return;
      frozen = entry.sent ? entry : prepared(entry, this.#desk.base);
      if (frozen === undefined) await change.dropEntry(seq);
      else if (!entry.sent) await change.putEntry(frozen);
    });
    return frozen;
  }

  async #somethingNew(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = this.#desk.subscribe(done);
      signal.addEventListener("abort", done);
      function done() {
        stop();
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}

/** Whether a later try can end otherwise. A session that is over is no answer to the edit. */
function mayPass(error: unknown, failures: number): boolean {
  const { code, reason, unreachable, retryAfterMillis } = errorOf(error);
  if (unreachable || code === Code.Unauthenticated) return true;
  if ([Code.Unavailable, Code.DeadlineExceeded, Code.Canceled].includes(code)) return true;
  if (code === Code.ResourceExhausted) return retryAfterMillis !== undefined;
  return failures < MOST_FAULTS && (reason === undefined || reason === "INTERNAL");
}
