// Follows the person's changes: all that exists, then one stream that tells every change, taken up again where it
// ended. What is done with the changes is not known here.

import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { reasonOf } from "./errors.js";
import { Change_Kind, type Change, type ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import type { Update } from "./store.js";

export interface Sink {
  /** Everything comes again, from the first object on. */
  restart(): void;
  arrived(updates: readonly Update[]): void;
  /** Everything that exists has arrived. */
  whole(): void;
  /** Changes come as they happen. */
  live(): void;
  late(error: unknown): void;
}

const PAGE_SIZE = 1_000;
/** The service says something at least every 20 seconds; a stream that does not is dead, whatever the browser thinks. */
const SILENCE_MILLIS = 45_000;
const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 30_000;

export class Feed {
  readonly #client: Client<typeof ChangeService>;
  readonly #sink: Sink;
  readonly #pause: (millis: number, signal: AbortSignal) => Promise<void>;
  /** How far the sink is; unset while it does not have everything. */
  #token: string | undefined;

  constructor(client: Client<typeof ChangeService>, sink: Sink, pause = pauseFor) {
    this.#client = client;
    this.#sink = sink;
    this.#pause = pause;
  }

  /** Until `signal`; can be run again afterwards, and goes on from there. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#catchUp(signal);
        await this.#watch(signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        // What happens once is no news, unless there is nothing to show.
        if (failures > 0 || this.#token === undefined) this.#sink.late(error);
        if (isLost(error)) this.#token = undefined;
        failures += 1;
      }
      await this.#pause(pauseAfter(failures), signal);
    }
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    const isNew = this.#token === undefined;
    if (isNew) this.#sink.restart();
    let syncToken = this.#token ?? "";
    for (let more = true; more; ) {
      const page = await this.#client.listChanges({ syncToken, pageSize: PAGE_SIZE }, { signal });
      signal.throwIfAborted();
      this.#sink.arrived(page.changes.flatMap(updateOf));
      [syncToken, more] = [page.nextSyncToken, page.hasMore];
      // Half of everything is nothing to go on from.
      if (!isNew) this.#token = syncToken;
    }
    this.#token = syncToken;
    if (isNew) this.#sink.whole();
  }

  async #watch(signal: AbortSignal, onWord: () => void): Promise<void> {
    const silence = new AbortController();
    const hear = () => setTimeout(() => silence.abort(), SILENCE_MILLIS);
    let timer = hear();
    let heard = false;
    try {
      const call = { signal: AbortSignal.any([signal, silence.signal]), timeoutMs: 0 };
      for await (const word of this.#client.watchChanges({ syncToken: this.#token ?? "" }, call)) {
        signal.throwIfAborted();
        clearTimeout(timer);
        timer = hear();
        this.#sink.arrived(word.changes.flatMap(updateOf));
        this.#token = word.nextSyncToken;
        if (!heard) this.#sink.live();
        heard = true;
        onWord();
      }
    } finally {
      clearTimeout(timer);
    }
    if (!heard) throw new ConnectError("the stream ended before it began", Code.Unavailable);
  }
}

function updateOf({ change }: Change): Update[] {
  switch (change.case) {
    case "task":
      return [{ kind: "task", task: change.value }];
    case "list":
      return [{ kind: "list", list: change.value }];
    case "removed":
      return change.value.kind === Change_Kind.UNSPECIFIED ? [] : [{ kind: "removed", id: change.value.id }];
    // Completions are not shown here, and a newer service may send what this page does not know.
    default:
      return [];
  }
}

function isLost(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === "SYNC_TOKEN_EXPIRED" || reason === "SYNC_TOKEN_INVALID";
}

/** Somewhere in the upper half, so that the pages of many people do not come back all at once. */
function pauseAfter(failures: number): number {
  const longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** Math.max(0, failures - 1));
  return longest * (0.5 + Math.random() / 2);
}

function pauseFor(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, millis);
    signal.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
