// Follows the person's changes: all that exists, then one stream that tells every change, taken up again where it
// ended. What is done with the changes is not known here.

import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { reasonOf } from "./errors.js";
import { Change_Kind, type Change, type ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import { jittered, pauseFor, type Pause } from "./retry.js";
import type { Update } from "./store.js";

/** Who takes the changes. What has a token with it is to be kept together with that token, or not at all. */
export interface Sink {
  /** Everything that exists, in the place of whatever there was. */
  replace(updates: readonly Update[], syncToken: string): Promise<void>;
  /** What changed, to be applied in this order. */
  arrived(updates: readonly Update[], syncToken: string): Promise<void>;
  /** Changes come as they happen. */
  live(): void;
  /** They do not, for now. */
  late(error: unknown): void;
}

/** Beyond what there is to follow. */
export interface FeedOptions {
  /** How far the sink is; without one everything comes. */
  readonly syncToken?: string | undefined;
  readonly pause?: Pause;
}

const PAGE_SIZE = 1_000;
/** The service says something at least every 20 seconds; a stream that does not is dead, whatever the browser thinks. */
const SILENCE_MILLIS = 45_000;
const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 30_000;

/** One person's changes, in order. */
export class Feed {
  readonly #client: Client<typeof ChangeService>;
  readonly #sink: Sink;
  readonly #pause: Pause;
  /** How far the sink is; unset while it does not have everything. */
  #token: string | undefined;

  constructor(client: Client<typeof ChangeService>, sink: Sink, { syncToken, pause = pauseFor }: FeedOptions = {}) {
    this.#client = client;
    this.#sink = sink;
    this.#token = syncToken;
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
      await this.#pause(jittered(FIRST_PAUSE_MILLIS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MILLIS), signal);
    }
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    const isNew = this.#token === undefined;
    const all: Update[] = [];
    let syncToken = this.#token ?? "";
    for (let more = true; more;) {
      const page = await this.#client.listChanges({ syncToken, pageSize: PAGE_SIZE }, { signal });
      signal.throwIfAborted();
      const updates = page.changes.flatMap(updateOf);
      [syncToken, more] = [page.nextSyncToken, page.hasMore];
      // Half of everything is nothing to go on from.
      if (isNew) all.push(...updates);
      else await this.#take(updates, syncToken);
    }
    if (isNew) {
      await this.#sink.replace(all, syncToken);
      this.#token = syncToken;
    }
  }

  async #take(updates: readonly Update[], syncToken: string): Promise<void> {
    if (updates.length > 0 || syncToken !== this.#token) await this.#sink.arrived(updates, syncToken);
    this.#token = syncToken;
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
        await this.#take(word.changes.flatMap(updateOf), word.nextSyncToken);
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
