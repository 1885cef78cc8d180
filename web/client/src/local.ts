// What this device keeps of one person: the copy of their lists and tasks with
// its sync token, and the edits that are not sent yet. Every transaction has a number, so that a tab that hears of
// them knows whether it missed one. No calls, no merging.

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Head } from "./database.js";
import { inMemory, openDisk, type Disk, type Tables } from "./disk.js";
import { ListSchema } from "./gen/tandem/tasks/v1/list_pb.js";
import { TaskSchema } from "./gen/tandem/tasks/v1/task_pb.js";
import type { Entry } from "./edits.js";
import { emptyStore, isOlder, type Store, type Update } from "./store.js";

/** Everything that is kept. */
export interface Kept {
  readonly turn: number;
  readonly syncToken: string | undefined;
  readonly store: Store;
  readonly outbox: readonly Entry[];
}

/** What one transaction changed. */
export interface Turn {
  readonly turn: number;
  readonly updates: readonly Update[];
  readonly entries: readonly Entry[];
  readonly gone: readonly number[];
  /** Whether the whole copy was replaced. */
  readonly whole: boolean;
  /** How far the copy is afterwards. */
  readonly syncToken: string | undefined;
}

/** Somebody wiped everything, or the browser did. */
export class Closed extends Error {
  override readonly name = "Closed";
}

/** One connection to what is kept of a person. */
export class Local {
  readonly #disk: Disk;
  readonly #life: string;

  private constructor(disk: Disk, life: string) {
    this.#disk = disk;
    this.#life = life;
  }

  static async open(userId: string, email: string, lasting = true): Promise<Local> {
    const disk = lasting ? await openDisk(userId) : inMemory();
    const life = await disk.write(async (tables) => {
      const head = (await tables.head()) ?? { turn: 0, life: crypto.randomUUID(), email };
      await tables.putHead({ ...head, email });
      return head.life;
    });
    return new Local(disk, life);
  }

  /** Whether it outlives this page, and is shared with other tabs. */
  get lasting(): boolean {
    return this.#disk.lasting;
  }

  async load(): Promise<Kept> {
    const [head, things, outbox] = await this.#disk.read((tables) =>
      Promise.all([tables.head(), tables.things(), tables.outbox()]),
    );
    if (head?.life !== this.#life) throw new Closed();
    const store = { lists: new Map(emptyStore.lists), tasks: new Map(emptyStore.tasks) };
    for (const { kind, id, bytes } of things) {
      if (kind === "task") store.tasks.set(id, fromBinary(TaskSchema, bytes));
      else store.lists.set(id, fromBinary(ListSchema, bytes));
    }
    return { turn: head.turn, syncToken: head.syncToken, store, outbox };
  }

  /** All that `work` does or nothing of it, on disk when this returns. */
  async commit(work: (change: Change) => Promise<void>): Promise<Turn> {
    try {
      return await this.#disk.write(async (tables) => {
        const head = await tables.head();
        if (head?.life !== this.#life) throw new Closed();
        const change = new Change(tables, head);
        await work(change);
        return await change.finish();
      });
    } catch (error) {
      throw error instanceof DOMException && error.name === "InvalidStateError" ? new Closed() : error;
    }
  }

  close(): void {
    this.#disk.close();
  }
}

/** One transaction under way. */
export class Change {
  readonly #tables: Tables;
  #head: Head;
  readonly #updates: Update[] = [];
  readonly #entries: Entry[] = [];
  readonly #gone: number[] = [];
  #whole = false;

  constructor(tables: Tables, head: Head) {
    this.#tables = tables;
    this.#head = head;
  }

  /** The number of this transaction. */
  get turn(): number {
    return this.#head.turn + 1;
  }

  set syncToken(syncToken: string) {
    this.#head = { ...this.#head, syncToken };
  }

  /** What the feed brought; it has the last word. */
  async put(update: Update): Promise<void> {
    this.#updates.push(update);
    if (update.kind === "removed") {
      await Promise.all([this.#tables.dropThing("task", update.id), this.#tables.dropThing("list", update.id)]);
      return;
    }
    const { id } = update.kind === "task" ? update.task : update.list;
    await this.#tables.putThing({ kind: update.kind, id, bytes: bytesOf(update) });
  }

  /** What a call answered; one that the feed has overtaken says nothing new. */
  async answer(update: Exclude<Update, { kind: "removed" }>): Promise<void> {
    const { id } = update.kind === "task" ? update.task : update.list;
    const held = await this.#tables.thing(update.kind, id);
    const schema = update.kind === "task" ? TaskSchema : ListSchema;
    const answered = update.kind === "task" ? update.task : update.list;
    if (!isOlder(answered, held && fromBinary<typeof TaskSchema | typeof ListSchema>(schema, held.bytes)))
      await this.put(update);
  }

  /** A whole new copy in the place of the old one. */
  async replace(updates: readonly Update[]): Promise<void> {
    await this.#tables.clearThings();
    this.#whole = true;
    for (const update of updates) await this.put(update);
  }

  async outbox(): Promise<Entry[]> {
    return await this.#tables.outbox();
  }

  async entry(seq: number): Promise<Entry | undefined> {
    return await this.#tables.entry(seq);
  }

  async putEntry(entry: Entry): Promise<void> {
    await this.#tables.putEntry(entry);
    this.#entries.push(entry);
  }

  async dropEntry(seq: number): Promise<void> {
    await this.#tables.dropEntry(seq);
    this.#gone.push(seq);
  }

  async finish(): Promise<Turn> {
    const { turn } = this;
    await this.#tables.putHead({ ...this.#head, turn });
    return {
      turn,
      updates: this.#updates,
      entries: this.#entries,
      gone: this.#gone,
      whole: this.#whole,
      syncToken: this.#head.syncToken,
    };
  }
}

function bytesOf(update: Exclude<Update, { kind: "removed" }>): Uint8Array {
  return update.kind === "task" ? toBinary(TaskSchema, update.task) : toBinary(ListSchema, update.list);
}
