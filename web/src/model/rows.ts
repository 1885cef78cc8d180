// What a view shows of the tasks that this page holds: which, in what order, and how deep. Pure.

import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import type { Held, Store } from "tandem-client";

/** Tasks without a list are in the inbox, which is no list. */
export const INBOX = "";

export type View = "open" | "done";

export interface Row {
  readonly task: Task;
  /** A change of this task is on its way. */
  readonly saving: boolean;
  /** 0 for a row of its own, 1 for one that stands under the row of its parent, and so on. */
  readonly depth: number;
  /** The title of the parent when its row is not in the view. */
  readonly partOf: string | undefined;
  /** The title of its list, in views across lists. */
  readonly inList?: string | undefined;
}

/** `stays` are tasks that do not leave the view although they no longer belong: they were just ticked, or are edited. */
export function rowsOf(held: Held, listId: string, view: View, stays: ReadonlySet<string>): Row[] {
  const shown = new Map<string, Task>();
  for (const stored of held.store.tasks.values()) {
    const task = held.pending.get(stored.id) ?? stored;
    if (task.listId !== listId || isGone(held.store, task)) continue;
    if (stays.has(task.id) || (task.state === Task_State.OPEN) === (view === "open")) shown.set(task.id, task);
  }
  const row = (task: Task, depth: number): Row => ({
    task,
    depth,
    saving: held.pending.has(task.id),
    partOf: depth === 0 ? held.store.tasks.get(task.parentId)?.title : undefined,
  });
  if (view === "done") return [...shown.values()].sort(byEnd).map((task) => row(task, 0));
  return tree(shown).map(({ task, depth }) => row(task, depth));
}

/** All tasks outside the trash, with the changes that are on their way. */
export function tasksOf({ store, pending }: Held): Task[] {
  return [...store.tasks.values()]
    .map((stored) => pending.get(stored.id) ?? stored)
    .filter((task) => !isGone(store, task));
}

/** Every task after its parent, siblings in the person's own order. */
function tree(shown: ReadonlyMap<string, Task>): { task: Task; depth: number }[] {
  const children = new Map<string, Task[]>();
  for (const task of shown.values()) {
    const above = shown.has(task.parentId) ? task.parentId : "";
    const siblings = children.get(above);
    if (siblings === undefined) children.set(above, [task]);
    else siblings.push(task);
  }
  const under = (id: string, depth: number): { task: Task; depth: number }[] =>
    (children.get(id) ?? []).sort(byRank).flatMap((task) => [{ task, depth }, ...under(task.id, depth + 1)]);
  return under("", 0);
}

/** The person's own lists, in their order. */
export function listsOf(store: Store): List[] {
  return [...store.lists.values()].filter(({ deleteTime }) => deleteTime === undefined).sort(byRank);
}

/** How many tasks are to be done, by list. */
export function openCounts(held: Held): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { state, listId } of tasksOf(held)) {
    if (state === Task_State.OPEN) counts.set(listId, (counts.get(listId) ?? 0) + 1);
  }
  return counts;
}

const MOST_LEVELS = 6;

/** In the trash, or part of what is there: the word on the whole can come before that on its parts. */
export function isGone({ lists, tasks }: Store, task: Task): boolean {
  if (lists.get(task.listId)?.deleteTime !== undefined) return true;
  let above: Task | undefined = task;
  for (let level = 0; above !== undefined && level < MOST_LEVELS; level += 1) {
    if (above.deleteTime !== undefined) return true;
    above = tasks.get(above.parentId);
  }
  return false;
}

/** What can be brought back on its own, newest first. What was deleted with its list or its parent comes back with it. */
export function trashOf({ lists, tasks }: Store): { lists: List[]; tasks: Task[] } {
  const inTrash = (thing: List | Task | undefined) => thing?.deleteTime !== undefined;
  return {
    lists: [...lists.values()].filter(inTrash).sort(byDeletion),
    tasks: [...tasks.values()]
      .filter((task) => inTrash(task) && !inTrash(tasks.get(task.parentId)) && !inTrash(lists.get(task.listId)))
      .sort(byDeletion),
  };
}

interface Ranked {
  readonly id: string;
  readonly rank: string;
}

/** Ranks are ASCII, so that comparing them as text is comparing them as bytes. */
export function byRank(a: Ranked, b: Ranked): number {
  return compare(a.rank, b.rank) || compare(a.id, b.id);
}

function byEnd(a: Task, b: Task): number {
  return newestFirst(a.completeTime ?? a.updateTime, b.completeTime ?? b.updateTime) || compare(a.id, b.id);
}

function byDeletion(a: Task | List, b: Task | List): number {
  return newestFirst(a.deleteTime, b.deleteTime) || compare(a.id, b.id);
}

function newestFirst(a: Timestamp | undefined, b: Timestamp | undefined): number {
  return (b === undefined ? 0 : timestampMs(b)) - (a === undefined ? 0 : timestampMs(a));
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
