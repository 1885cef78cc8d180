// What a page shows of a copy and the edits on top of it. Pure.

import type { ConnectError } from "@connectrpc/connect";
import { editOf, isAboutTask, targetOf, type Edit, type Entry } from "./edits.js";
import { withEdit } from "./effects.js";
import type { Task } from "./gen/tandem/tasks/v1/task_pb.js";
import { conflictOf, type Conflict } from "./outbox.js";
import { errorFrom } from "./refusal.js";
import type { Held, Store } from "./store.js";

/** An unsent edit that needs a decision. */
export type Trouble =
  | ({ readonly kind: "conflict"; readonly seq: number; readonly edit: Edit } & Conflict)
  | { readonly kind: "refused"; readonly seq: number; readonly edit: Edit; readonly error: ConnectError };

/** What a page shows: the copy with the unsent edits done, and where those stand. */
export interface ReplicaState extends Held {
  /** How many edits are on their way, or wait for a network. */
  readonly unsent: number;
  /** How many edits, sent or refused or neither, go with this page: they are on their way to the disk, or there is none. */
  readonly unkept: number;
  /** Edits that wait for the person; none of them is dropped without a word from them. */
  readonly troubles: readonly Trouble[];
  /** Why changes made elsewhere do not come as they happen. */
  readonly late: ConnectError | undefined;
  /** Whether the last try to send found nobody. */
  readonly unreachable: boolean;
  /** Whether all of this is there after a reload; false where the browser keeps nothing. */
  readonly lasting: boolean;
}

/** The copy with all edits done that are neither refused nor dropped. Drafts are not on the disk yet. */
export function shownOf(
  base: Store,
  entries: readonly Entry[],
  drafts: readonly Entry[],
  nowMillis: number,
): Pick<ReplicaState, "store" | "pending" | "unsent" | "troubles"> {
  let store = base;
  const targets = new Set<string>();
  const troubles: Trouble[] = [];
  for (const entry of [...entries, ...drafts]) {
    const { seq, refusal } = entry;
    const edit = editOf(entry);
    if (refusal !== undefined) {
      troubles.push({ kind: "refused", seq, edit, error: errorFrom(refusal) });
      continue;
    }
    const conflict = drafts.includes(entry) ? undefined : conflictOf(entry, base);
    if (conflict !== undefined) troubles.push({ kind: "conflict", seq, edit, ...conflict });
    else if (isAboutTask(edit.method)) targets.add(targetOf(edit));
    store = withEdit(store, edit, nowMillis);
  }
  const pending = new Map<string, Task>();
  for (const id of targets) {
    const task = store.tasks.get(id);
    if (task !== undefined) pending.set(id, task);
  }
  return { store, pending, unsent: entries.length + drafts.length - troubles.length, troubles };
}
