// Where a person's copy and outbox stand: in IndexedDB, or in the memory of one page where the browser has none. Both
// do a whole piece of work or nothing of it, one piece after the other.

import type { IDBPDatabase, IDBPTransaction } from "idb";
import { connect, STORES, type Head, type Schema, type Stores, type Thing } from "./database.js";
import type { Entry } from "./edits.js";

/** What one piece of work reads and writes. */
export interface Tables {
  head(): Promise<Head | undefined>;
  putHead(head: Head): Promise<unknown>;
  things(): Promise<Thing[]>;
  thing(kind: Thing["kind"], id: string): Promise<Thing | undefined>;
  putThing(thing: Thing): Promise<unknown>;
  dropThing(kind: Thing["kind"], id: string): Promise<unknown>;
  clearThings(): Promise<unknown>;
  /** By their number. */
  outbox(): Promise<Entry[]>;
  entry(seq: number): Promise<Entry | undefined>;
  putEntry(entry: Entry): Promise<unknown>;
  dropEntry(seq: number): Promise<unknown>;
}

export interface Disk {
  /** Whether what is written is there after a reload, and for other tabs. */
  readonly lasting: boolean;
  read<T>(work: (tables: Tables) => Promise<T>): Promise<T>;
  write<T>(work: (tables: Tables) => Promise<T>): Promise<T>;
  close(): void;
}

/** The lasting one, where this browser has it. */
export async function openDisk(userId: string): Promise<Disk> {
  try {
    return new Indexed(await connect(userId));
  } catch {
    return inMemory();
  }
}

export function inMemory(): Disk {
  return new Memory();
}

class Indexed implements Disk {
  readonly lasting = true;
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  async read<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    // Nothing is written, but a transaction that could is of the same type.
    return await work(tablesOf(this.#db.transaction(STORES) as unknown as Transaction));
  }

  async write<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    const tx = this.#db.transaction(STORES, "readwrite", { durability: "strict" });
    try {
      const done = await work(tablesOf(tx));
      await tx.done;
      return done;
    } catch (error) {
      // Both may be over already, and then there is nothing to take back.
      tx.done.catch(() => undefined);
      try {
        tx.abort();
      } catch {}
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}

type Transaction = IDBPTransaction<Schema, Stores, "readwrite">;

function tablesOf(tx: Transaction): Tables {
  const [heads, things, outbox] = [tx.objectStore("head"), tx.objectStore("things"), tx.objectStore("outbox")];
  return {
    head: () => heads.get("head"),
    putHead: (head) => heads.put(head, "head"),
    things: () => things.getAll(),
    thing: (kind, id) => things.get([kind, id]),
    putThing: (thing) => things.put(thing, [thing.kind, thing.id]),
    dropThing: (kind, id) => things.delete([kind, id]),
    clearThings: () => things.clear(),
    outbox: () => outbox.getAll(),
    entry: (seq) => outbox.get(seq),
    putEntry: (entry) => outbox.put(entry, entry.seq),
    dropEntry: (seq) => outbox.delete(seq),
  };
}

interface Contents {
  head: Head | undefined;
  readonly things: Map<string, Thing>;
  readonly outbox: Map<number, Entry>;
}

class Memory implements Disk {
  readonly lasting = false;
  #contents: Contents = { head: undefined, things: new Map(), outbox: new Map() };
  #last: Promise<unknown> = Promise.resolve();

  async read<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return await this.#next(async () => await work(tablesIn(this.#contents)));
  }

  async write<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return await this.#next(async () => {
      const { head, things, outbox } = this.#contents;
      const contents = { head, things: new Map(things), outbox: new Map(outbox) };
      const done = await work(tablesIn(contents));
      this.#contents = contents;
      return done;
    });
  }

  close(): void {}

  async #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}

function tablesIn(contents: Contents): Tables {
  const { things, outbox } = contents;
  const key = (kind: Thing["kind"], id: string) => `${kind} ${id}`;
  return {
    head: async () => contents.head,
    putHead: async (head) => (contents.head = head),
    things: async () => [...things.values()],
    thing: async (kind, id) => things.get(key(kind, id)),
    putThing: async (thing) => things.set(key(thing.kind, thing.id), thing),
    dropThing: async (kind, id) => things.delete(key(kind, id)),
    clearThings: async () => things.clear(),
    outbox: async () => [...outbox.values()].sort((a, b) => a.seq - b.seq),
    entry: async (seq) => outbox.get(seq),
    putEntry: async (entry) => outbox.set(entry.seq, entry),
    dropEntry: async (seq) => outbox.delete(seq),
  };
}
