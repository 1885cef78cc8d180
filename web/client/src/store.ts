// A copy of a person's lists and tasks, as a pure function of what came in. No calls, no timers.

import type { List } from "./gen/tandem/tasks/v1/list_pb.js";
import type { Task } from "./gen/tandem/tasks/v1/task_pb.js";

/** Lists and tasks by id, those in the trash too. */
export interface Store {
  readonly lists: ReadonlyMap<string, List>;
  readonly tasks: ReadonlyMap<string, Task>;
}

/** One object as it is now, or that it is gone for good. */
export type Update =
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "list"; readonly list: List }
  | { readonly kind: "removed"; readonly id: string };

/** What a page shows of a store. */
export interface Held {
  readonly store: Store;
  /** Whether there is a copy to show at all. */
  readonly ready: boolean;
  /** Tasks with edits on their way, by id, as they will be if all goes well. */
  readonly pending: ReadonlyMap<string, Task>;
}

export const emptyStore: Store = { lists: new Map(), tasks: new Map() };
export const nothingHeld: Held = { store: emptyStore, ready: false, pending: new Map() };

/** The store after `updates`, each of which replaces what is here. */
export function apply(store: Store, updates: readonly Update[]): Store {
  if (updates.length === 0) return store;
  const [lists, tasks] = [new Map(store.lists), new Map(store.tasks)];
  for (const update of updates) {
    if (update.kind === "task") tasks.set(update.task.id, update.task);
    else if (update.kind === "list") lists.set(update.list.id, update.list);
    else {
      lists.delete(update.id);
      tasks.delete(update.id);
    }
  }
  return { lists, tasks };
}

/** Whether the feed has overtaken what a call answered. */
export function isOlder(answered: Task | List, held: Task | List | undefined): boolean {
  if (answered.updateTime === undefined || held?.updateTime === undefined) return false;
  const seconds = answered.updateTime.seconds - held.updateTime.seconds;
  return seconds < 0n || (seconds === 0n && answered.updateTime.nanos < held.updateTime.nanos);
}
