// What this page holds of the person's lists and tasks, as a pure function of what came in. No calls, no timers, no DOM.

import type { List } from "./gen/tandem/tasks/v1/list_pb.js";
import type { Task } from "./gen/tandem/tasks/v1/task_pb.js";

export interface Store {
  readonly lists: ReadonlyMap<string, List>;
  readonly tasks: ReadonlyMap<string, Task>;
}

/** One object as it is now, or that it is gone for good. */
export type Update =
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "list"; readonly list: List }
  | { readonly kind: "removed"; readonly id: string };

export interface Held {
  readonly store: Store;
  /** A whole new copy on its way in; the old one is shown until it is here. */
  readonly next: Store | undefined;
  /** Whether there is a copy to show at all. */
  readonly ready: boolean;
  /** Tasks as they will be if the changes on their way go well, by id. */
  readonly pending: ReadonlyMap<string, Task>;
}

export type HeldAction =
  /** From here on everything comes again, from the first object on. */
  | { readonly type: "restart" }
  | { readonly type: "arrived"; readonly updates: readonly Update[] }
  /** Everything that exists has arrived. */
  | { readonly type: "whole" }
  /** A change sets out; `task` is how it will be if all goes well. */
  | { readonly type: "saving"; readonly task: Task }
  /** A change was answered; without updates it was refused. */
  | { readonly type: "settled"; readonly id?: string; readonly updates: readonly Update[] };

export const emptyStore: Store = { lists: new Map(), tasks: new Map() };
export const nothingHeld: Held = { store: emptyStore, next: undefined, ready: false, pending: new Map() };

export function heldReducer(held: Held, action: HeldAction): Held {
  switch (action.type) {
    case "restart":
      return { ...held, next: emptyStore };
    case "arrived":
      return held.next === undefined
        ? { ...held, store: apply(held.store, action.updates) }
        : { ...held, next: apply(held.next, action.updates) };
    case "whole":
      return { ...held, store: held.next ?? held.store, next: undefined, ready: true };
    case "saving":
      return { ...held, pending: new Map(held.pending).set(action.task.id, action.task) };
    case "settled": {
      const pending = new Map(held.pending);
      if (action.id !== undefined) pending.delete(action.id);
      return { ...held, pending, store: answer(held.store, action.updates) };
    }
  }
}

/** The feed has the last word: what it brings replaces what is here. */
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

/** An answer that the feed has overtaken says nothing new. */
function answer(store: Store, updates: readonly Update[]): Store {
  return apply(
    store,
    updates.filter((update) => {
      if (update.kind === "task") return !isOlder(update.task, store.tasks.get(update.task.id));
      if (update.kind === "list") return !isOlder(update.list, store.lists.get(update.list.id));
      return true;
    }),
  );
}

function isOlder(answered: Task | List, held: Task | List | undefined): boolean {
  if (answered.updateTime === undefined || held?.updateTime === undefined) return false;
  const [seconds, nanos] = [answered.updateTime.seconds - held.updateTime.seconds, answered.updateTime.nanos - held.updateTime.nanos];
  return seconds < 0n || (seconds === 0n && nanos < 0);
}
