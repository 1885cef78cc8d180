// The IndexedDB database of one person: what stands in it, who left something there, and how it is taken away. What the
// things mean is not known here.

import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import type { Entry } from "./edits.js";

export interface Head {
  /** Counts the transactions. */
  readonly turn: number;
  /** Another one after everything was wiped: who opened before that may not write any more. */
  readonly life: string;
  /** How far the copy is; unset when there is none. */
  readonly syncToken?: string;
  /** Whose edits these are, to say so when they are not here. */
  readonly email: string;
}

export interface Thing {
  readonly kind: "task" | "list";
  readonly id: string;
  /** The message as it travels, so that a newer contract can read it. */
  readonly bytes: Uint8Array;
}

export interface Schema extends DBSchema {
  head: { key: "head"; value: Head };
  things: { key: [string, string]; value: Thing };
  outbox: { key: number; value: Entry };
}

export type Stores = ["head", "things", "outbox"];
export const STORES: Stores = ["head", "things", "outbox"];
const PREFIX = "tandem.copy.";

/** Edits of somebody whose session ended before they were sent. */
export interface Leftover {
  readonly userId: string;
  readonly email: string;
  readonly count: number;
}

/** What is left on this device of people who are not signed in. */
export async function leftovers(): Promise<Leftover[]> {
  const databases = (await indexedDB.databases?.()) ?? [];
  const ids = databases.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
  const found = await Promise.all(ids.map((userId) => leftBy(userId).catch(() => undefined)));
  return found.flatMap((one) => (one !== undefined && one.count > 0 ? [one] : []));
}

/** Fails also where everything is taken away meanwhile. */
async function leftBy(userId: string): Promise<Leftover> {
  const db = await reconnect(userId);
  const [head, count] = await Promise.all([db.get("head", "head"), db.count("outbox")]);
  db.close();
  return { userId, email: head?.email ?? "", count };
}

/** Takes away what is kept of a person, at once and in all tabs. Unsent edits can stay until they are back. */
export async function wipe(userId: string, keep: "nothing" | "unsent" = "nothing"): Promise<void> {
  const db = await reconnect(userId).catch(() => undefined);
  if (db === undefined) {
    // Nothing is there, or what is there cannot be read.
    if (keep === "nothing") await drop(userId);
    return;
  }
  const tx = db.transaction(STORES, "readwrite", { durability: "strict" });
  const unsent = await tx.objectStore("outbox").count();
  const head = await tx.objectStore("head").get("head");
  await tx.objectStore("things").clear();
  if (keep === "unsent" && unsent > 0 && head !== undefined) {
    const { syncToken: _, ...rest } = head;
    await tx.objectStore("head").put({ ...rest, life: crypto.randomUUID() }, "head");
    await tx.done;
    db.close();
    return;
  }
  await Promise.all([tx.objectStore("outbox").clear(), tx.objectStore("head").clear()]);
  await tx.done;
  db.close();
  await deleteDB(PREFIX + userId);
}

async function drop(userId: string): Promise<void> {
  try {
    await deleteDB(PREFIX + userId);
  } catch {
    // Where nothing can be kept there is nothing to take away.
  }
}

/** Makes what is not there. */
export async function connect(userId: string): Promise<IDBPDatabase<Schema>> {
  return await open(userId, (db) => {
    db.createObjectStore("head");
    db.createObjectStore("things");
    db.createObjectStore("outbox");
  });
}

/** Fails where nothing is there, and leaves it so: it may have been taken away a moment ago. */
async function reconnect(userId: string): Promise<IDBPDatabase<Schema>> {
  return await open(userId, (_, tx) => {
    tx.done.catch(() => undefined);
    tx.abort();
  });
}

async function open(
  userId: string,
  make: (db: IDBPDatabase<Schema>, tx: IDBPTransaction<Schema, Stores, "versionchange">) => void,
): Promise<IDBPDatabase<Schema>> {
  return await openDB<Schema>(PREFIX + userId, 1, {
    upgrade(db, version, _, tx) {
      if (version === 0) make(db, tx as IDBPTransaction<Schema, Stores, "versionchange">);
    },
    // Another tab wipes, or has a newer version of this app.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
}
