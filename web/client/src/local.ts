// What this device keeps of one person, in an IndexedDB database of their own: the copy of their lists and tasks with
// its sync token, and the edits that are not sent yet. Every transaction has a number, so that a tab that hears of
// them knows whether it missed one. No calls, no merging.

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { IDBPDatabase, IDBPTransaction } from "idb";
import { connect, STORES, type Head, type Schema, type Stores } from "./database.js";
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
  readonly #db: IDBPDatabase<Schema>;
  readonly #life: string;

  private constructor(db: IDBPDatabase<Schema>, life: string) {
    this.#db = db;
    this.#life = life;
  }

  static async open(userId: string, email: string): Promise<Local> {
    const db = await connect(userId);
    const tx = db.transaction("head", "readwrite");
    const head = (await tx.store.get("head")) ?? { turn: 0, life: crypto.randomUUID(), email };
    await tx.store.put({ ...head, email }, "head");
    await tx.done;
    return new Local(db, head.life);
  }

  async load(): Promise<Kept> {
    const tx = this.#db.transaction(STORES);
    const [head, things, outbox] = await Promise.all([
      tx.objectStore("head").get("head"),
      tx.objectStore("things").getAll(),
      tx.objectStore("outbox").getAll(),
    ]);
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
    const tx = this.#db.transaction(STORES, "readwrite", { durability: "strict" });
    try {
      const head = await tx.objectStore("head").get("head");
      if (head?.life !== this.#life) throw new Closed();
      const change = new Change(tx, head);
      await work(change);
      const turn = await change.finish();
      await tx.done;
      return turn;
    } catch (error) {
      // Both may be over already, and then there is nothing to take back.
      tx.done.catch(() => undefined);
      try {
        tx.abort();
      } catch {}
      throw error instanceof DOMException && error.name === "InvalidStateError" ? new Closed() : error;
    }
  }

  close(): void {
    this.#db.close();
  }
}

/** One transaction under way. */
export class Change {
  readonly #tx: IDBPTransaction<Schema, Stores, "readwrite">;
  #head: Head;
  readonly #updates: Update[] = [];
  readonly #entries: Entry[] = [];
  readonly #gone: number[] = [];
  #whole = false;

  constructor(tx: IDBPTransaction<Schema, Stores, "readwrite">, head: Head) {
    this.#tx = tx;
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
    const things = this.#tx.objectStore("things");
    if (update.kind === "removed") {
      await Promise.all([things.delete(["task", update.id]), things.delete(["list", update.id])]);
      return;
    }
    const { id } = update.kind === "task" ? update.task : update.list;
    await things.put({ kind: update.kind, id, bytes: bytesOf(update) }, [update.kind, id]);
  }

  /** What a call answered; one that the feed has overtaken says nothing new. */
  async answer(update: Exclude<Update, { kind: "removed" }>): Promise<void> {
    const { id } = update.kind === "task" ? update.task : update.list;
    const held = await this.#tx.objectStore("things").get([update.kind, id]);
    const schema = update.kind === "task" ? TaskSchema : ListSchema;
    const answered = update.kind === "task" ? update.task : update.list;
    if (!isOlder(answered, held && fromBinary<typeof TaskSchema | typeof ListSchema>(schema, held.bytes)))
      await this.put(update);
  }

  /** A whole new copy in the place of the old one. */
  async replace(updates: readonly Update[]): Promise<void> {
    await this.#tx.objectStore("things").clear();
    this.#whole = true;
    for (const update of updates) await this.put(update);
  }

  async outbox(): Promise<Entry[]> {
    return await this.#tx.objectStore("outbox").getAll();
  }

  async entry(seq: number): Promise<Entry | undefined> {
    return await this.#tx.objectStore("outbox").get(seq);
  }

  async putEntry(entry: Entry): Promise<void> {
    await this.#tx.objectStore("outbox").put(entry, entry.seq);
    this.#entries.push(entry);
  }

  async dropEntry(seq: number): Promise<void> {
    await this.#tx.objectStore("outbox").delete(seq);
    this.#gone.push(seq);
  }

  async finish(): Promise<Turn> {
    const { turn } = this;
    await this.#tx.objectStore("head").put({ ...this.#head, turn }, "head");
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
