// One person's lists and tasks on this device: the copy that the feed keeps true, and on top of it the edits that are
// not sent yet. Every tab has a replica; one of them follows the feed and one sends, and all show the same.

import { ConnectError } from "@connectrpc/connect";
import { bytesOf, editOf, targetOf, type Edit, type Entry } from "./edits.js";
import { Feed } from "./feed.js";
import { Closed, Local, type Change, type Turn } from "./local.js";
import { decided, join, type Side } from "./outbox.js";
import { errorFrom, refusalOf, type Refusal } from "./refusal.js";
import { pauseFor, type Pause } from "./retry.js";
import { Sender } from "./sender.js";
import { shownOf, type ReplicaState } from "./shown.js";
import { apply, emptyStore, type Store } from "./store.js";
import { noTabs, type Channel, type Tabs } from "./tabs.js";
import type { TaskClients } from "./task_clients.js";

/** Whose replica, and what it stands on. */
export interface ReplicaOptions {
  readonly user: { readonly id: string; readonly email: string };
  readonly clients: TaskClients;
  readonly tabs: Tabs;
  /** Whether this device may keep anything; without, the page has it in memory and no other page does. */
  readonly lasting?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly pause?: Pause;
}

type Word = { readonly turn: Turn } | { readonly late: Refusal | undefined };

/** The copy and the outbox of one person, as one tab sees them. */
export class Replica {
  readonly #options: Required<ReplicaOptions>;
  readonly #local: Local;
  /** Those that have the same copy; a page that keeps it in memory is alone with it. */
  readonly #alike: Pick<Tabs, "alone" | "channel">;
  readonly #channel: Channel;
  readonly #listeners = new Set<() => void>();
  #base = emptyStore;
  #entries: readonly Entry[] = [];
  /** On their way to the disk; shown at once all the same. */
  #drafts: readonly Entry[] = [];
  #turn = 0;
  #syncToken: string | undefined;
  #late: ConnectError | undefined;
  #unreachable = false;
  #loading: Promise<void> | undefined;
  #closed = false;
  #state: ReplicaState | undefined;

  private constructor(options: Required<ReplicaOptions>, local: Local) {
    this.#options = options;
    this.#local = local;
    this.#alike = local.lasting ? options.tabs : noTabs();
    this.#channel = this.#alike.channel(`tandem.copy.${options.user.id}`);
    this.#channel.onWord((word) => void this.#hear(word as Word).catch(() => undefined));
  }

  /** Opens what this device has; needs no network. */
  static async open(options: ReplicaOptions): Promise<Replica> {
    const local = await Local.open(options.user.id, options.user.email, options.lasting);
    const replica = new Replica({ now: Date.now, pause: pauseFor, lasting: true, ...options }, local);
    await replica.#load();
    return replica;
  }

  get state(): ReplicaState {
    return (this.#state ??= this.#compute());
  }

  /** The copy as the service has it, without unsent edits. */
  get base(): Store {
    return this.#base;
  }

  /** In the order in which they are to be sent. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Calls `listener` after every change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps the copy true until `signal`, or waits to do so while another tab does. Throws `Closed` when it was wiped. */
  async follow(signal: AbortSignal): Promise<void> {
    await this.#alone("feed", signal, async () => {
      await this.#load();
      const feed = new Feed(
        this.#options.clients.changes,
        {
          replace: (updates, syncToken) =>
            this.commit(async (change) => {
              change.syncToken = syncToken;
              await change.replace(updates);
            }),
          arrived: (updates, syncToken) =>
            this.commit(async (change) => {
              change.syncToken = syncToken;
              for (const update of updates) await change.put(update);
            }),
          live: () => this.#setLate(undefined),
          late: (error) => this.#setLate(ConnectError.from(error)),
        },
        { syncToken: this.#syncToken, pause: this.#options.pause },
      );
      await feed.run(signal);
    });
  }

  /** Sends unsent edits until `signal`, or waits to do so while another tab does. Throws `Closed` when it was wiped. */
  async deliver(signal: AbortSignal): Promise<void> {
    await this.#alone("outbox", signal, async () => {
      await this.#load();
      await new Sender(this, this.#options, (unreachable) => this.#setUnreachable(unreachable)).run(signal);
    });
  }

  /** Keeps an edit, on disk when this returns, and shows it done. `before` is what the person saw, for an update. */
  async keep(edit: Edit, before?: Uint8Array): Promise<{ seq: number; joined: boolean }> {
    const { method } = edit;
    const draft: Entry = { seq: 0, method, request: bytesOf(edit), sent: false, ...(before && { before }) };
    let kept = { seq: 0, joined: false };
    this.#drafts = [...this.#drafts, draft];
    this.#publish();
    try {
      await this.commit(async (change) => {
        const about = (await change.outbox()).filter((entry) => targetOf(editOf(entry)) === targetOf(edit));
        const joined = join(about.at(-1), edit, before);
        const { seq } = joined ?? { seq: change.turn };
        await change.putEntry(joined ?? { ...draft, seq });
        kept = { seq, joined: joined !== undefined };
      });
    } finally {
      this.#drafts = this.#drafts.filter((other) => other !== draft);
      this.#publish();
    }
    return kept;
  }

  /** Waits until every edit that can be sent is sent, for so long at the most, and says whether that is so. */
  async settled(millis: number): Promise<boolean> {
    const enough = AbortSignal.timeout(millis);
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.state.unsent > 0 && this.#options.tabs.online && !enough.aborted) return;
        stop();
        resolve();
      };
      const stop = this.subscribe(look);
      enough.addEventListener("abort", look);
      look();
    });
    return this.state.unsent === 0;
  }

  /** Sends a refused edit once more. */
  async retry(seq: number): Promise<void> {
    await this.commit(async (change) => {
      const entry = await change.entry(seq);
      if (entry === undefined) return;
      const { refusal: _, ...again } = entry;
      await change.putEntry(again);
    });
  }

  /** Drops an edit, and with one that makes something the later edits of that. */
  async discard(seq: number): Promise<void> {
    await this.commit(async (change) => {
      const entry = await change.entry(seq);
      if (entry === undefined) return;
      await change.dropEntry(seq);
      if (entry.method !== "createTask" && entry.method !== "createList") return;
      const target = targetOf(editOf(entry));
      for (const other of await change.outbox())
        if (targetOf(editOf(other)) === target) await change.dropEntry(other.seq);
    });
  }

  /** Settles one field of a conflict. */
  async decide(seq: number, field: string, side: Side): Promise<void> {
    await this.commit(async (change) => {
      const entry = await change.entry(seq);
      if (entry === undefined || entry.sent) return;
      const left = decided(entry, this.#base, field, side);
      if (left === undefined) await change.dropEntry(seq);
      else await change.putEntry(left);
    });
  }

  /** Ends this tab's part; what is on disk stays. */
  close(): void {
    this.#closed = true;
    this.#channel.close();
    this.#local.close();
    this.#listeners.clear();
  }

  /** Changes what is kept, here and in all tabs. */
  async commit(work: (change: Change) => Promise<void>): Promise<void> {
    if (this.#closed) throw new Closed();
    const turn = await this.#local.commit(work);
    // A new copy is too much to pass around: the others read it.
    this.#channel.tell({ turn: turn.whole ? { ...turn, updates: [] } : turn } satisfies Word);
    await this.#take(turn);
  }

  async #alone(what: string, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
    try {
      await this.#alike.alone(task, `tandem.${what}.${this.#options.user.id}`, signal);
    } catch (error) {
      if (!signal.aborted && !this.#closed) throw error;
    }
  }

  async #hear(word: Word): Promise<void> {
    if (this.#closed) return;
    if ("late" in word) this.#enterLate(word.late && errorFrom(word.late));
    else if (word.turn.whole) await this.#load(word.turn.turn);
    else await this.#take(word.turn);
  }

  async #take(turn: Turn): Promise<void> {
    if (turn.turn <= this.#turn) return;
    // Another tab's was missed, or is still on its way.
    if (turn.turn !== this.#turn + 1) return await this.#load(turn.turn);
    this.#turn = turn.turn;
    this.#base = apply(turn.whole ? emptyStore : this.#base, turn.updates);
    if (turn.syncToken !== undefined) this.#syncToken = turn.syncToken;
    const changed = new Set([...turn.gone, ...turn.entries.map(({ seq }) => seq)]);
    const entries = turn.entries.filter(({ seq }) => !turn.gone.includes(seq));
    this.#entries = [...this.#entries.filter(({ seq }) => !changed.has(seq)), ...entries].sort((a, b) => a.seq - b.seq);
    this.#publish();
  }

  /** Reads everything anew, at least up to turn `wanted`. */
  async #load(wanted = 0): Promise<void> {
    do {
      this.#loading ??= this.#local.load().then((kept) => {
        this.#loading = undefined;
        if (kept.turn < this.#turn) return;
        [this.#turn, this.#base, this.#entries, this.#syncToken] = [kept.turn, kept.store, kept.outbox, kept.syncToken];
        this.#publish();
      });
      await this.#loading.finally(() => (this.#loading = undefined));
    } while (this.#turn < wanted);
  }

  #setLate(error: ConnectError | undefined): void {
    this.#channel.tell({ late: error && refusalOf(error) } satisfies Word);
    this.#enterLate(error);
  }

  #enterLate(error: ConnectError | undefined): void {
    this.#late = error;
    this.#publish();
  }

  #setUnreachable(unreachable: boolean): void {
    if (this.#unreachable === unreachable) return;
    this.#unreachable = unreachable;
    this.#publish();
  }

  #publish(): void {
    this.#state = undefined;
    for (const listener of [...this.#listeners]) listener();
  }

  #compute(): ReplicaState {
    const edits = shownOf(this.#base, this.#entries, this.#drafts, this.#options.now());
    return {
      ready: this.#syncToken !== undefined,
      ...edits,
      unkept: this.#drafts.length + (this.#local.lasting ? 0 : this.#entries.length),
      late: this.#late,
      unreachable: this.#unreachable,
      lasting: this.#local.lasting,
    };
  }
}
