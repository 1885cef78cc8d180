// What the list shows, as a pure function of what happened. No calls, no timers, no DOM.

import type { Failure } from "../api/errors";
import type { Task } from "../gen/tandem/tasks/v1/task_pb";

export interface Item {
  readonly task: Task;
  /** A change of this task is on its way. */
  readonly saving: boolean;
}

/** Of the list: its first page, or the page after what is shown. */
export type Part = "first" | "more";

export interface ListState {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
  readonly loading: Part | undefined;
  readonly loadFailure: Failure | undefined;
}

export type ListAction =
  | { readonly type: "load"; readonly part: Part }
  | { readonly type: "loaded"; readonly tasks: readonly Task[]; readonly nextPageToken: string }
  | { readonly type: "loadFailed"; readonly failure: Failure }
  /** A change sets out; `task` is how it will be if all goes well. */
  | { readonly type: "saving"; readonly task: Task }
  /** A change arrived, or was taken back: this is how the task is. A task that is not in the list comes first. */
  | { readonly type: "saved"; readonly task: Task; readonly index?: number }
  | { readonly type: "removed"; readonly id: string };

export const emptyList: ListState = { items: [], nextPageToken: "", loading: "first", loadFailure: undefined };

export function listReducer(state: ListState, action: ListAction): ListState {
  switch (action.type) {
    case "load":
      return { ...state, loading: action.part, loadFailure: undefined };
    case "loaded":
      return {
        items: merge(state.loading === "more" ? state.items : [], action.tasks),
        nextPageToken: action.nextPageToken,
        loading: undefined,
        loadFailure: undefined,
      };
    case "loadFailed":
      return { ...state, loading: undefined, loadFailure: action.failure };
    case "saving":
      return { ...state, items: put(state.items, { task: action.task, saving: true }, 0) };
    case "saved":
      return { ...state, items: put(state.items, { task: action.task, saving: false }, action.index ?? 0) };
    case "removed":
      return { ...state, items: state.items.filter(({ task }) => task.id !== action.id) };
  }
}

/** A task that changed between two pages can come with both: it is shown once, where it first stood. */
function merge(items: readonly Item[], tasks: readonly Task[]): Item[] {
  const known = new Set(items.map(({ task }) => task.id));
  return [...items, ...tasks.filter(({ id }) => !known.has(id)).map((task) => ({ task, saving: false }))];
}

function put(items: readonly Item[], item: Item, index: number): Item[] {
  const at = items.findIndex(({ task }) => task.id === item.task.id);
  return at === -1 ? items.toSpliced(index, 0, item) : items.with(at, item);
}
