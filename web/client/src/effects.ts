// What an edit will make of the copy if all goes well, shown until the service has answered. What only the service
// can know (ranks, the next occurrence) is guessed or left as it is.

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Edit } from "./edits.js";
import { ListSchema, type List } from "./gen/tandem/tasks/v1/list_pb.js";
import { Task_State, TaskSchema, type Task } from "./gen/tandem/tasks/v1/task_pb.js";
import type { MoveTaskRequest } from "./gen/tandem/tasks/v1/task_service_pb.js";
import type { MoveListRequest } from "./gen/tandem/tasks/v1/list_service_pb.js";
import { withFields } from "./merge.js";
import { between, LAST } from "./rank.js";
import { apply, type Store, type Update } from "./store.js";

/** The store with the edit done. An edit of what is not there does nothing. */
export function withEdit(store: Store, edit: Edit, nowMillis: number): Store {
  return apply(store, effectOf(store, edit, timestampFromMs(nowMillis)));
}

function effectOf(store: Store, edit: Edit, now: ReturnType<typeof timestampFromMs>): Update[] {
  switch (edit.method) {
    case "createTask": {
      const { task, taskId: id } = edit.request;
      const listId = store.tasks.get(task?.parentId ?? "")?.listId ?? task?.listId ?? "";
      // The answer to a repeat, or the feed, was faster.
      if (store.tasks.has(id)) return [];
      const parentId = task?.parentId ?? "";
      const siblings = [...store.tasks.values()].filter(
        (other) => other.parentId === parentId && other.listId === listId,
      );
      const rank = rankAt(LAST_PLACE, siblings, id);
      const made = { ...(task ?? create(TaskSchema)), id, listId, state: Task_State.OPEN, rank };
      return [{ kind: "task", task: { ...made, createTime: now, updateTime: now } }];
    }
    case "createList": {
      const { list, listId: id } = edit.request;
      if (store.lists.has(id)) return [];
      const rank = rankAt(LAST_PLACE, [...store.lists.values()], id);
      const made = { ...(list ?? create(ListSchema)), id, rank, createTime: now, updateTime: now };
      return [{ kind: "list", list: made }];
    }
    case "updateTask": {
      const { task: mine, updateMask } = edit.request;
      const task = store.tasks.get(mine?.id ?? "");
      if (mine === undefined || task === undefined) return [];
      return [{ kind: "task", task: withFields(TaskSchema, task, mine, updateMask?.paths ?? []) }];
    }
    case "updateList": {
      const { list: mine, updateMask } = edit.request;
      const list = store.lists.get(mine?.id ?? "");
      if (mine === undefined || list === undefined) return [];
      return [{ kind: "list", list: withFields(ListSchema, list, mine, updateMask?.paths ?? []) }];
    }
    case "completeTask":
      return ofTask(store, edit.request.id, (task) => ({ ...task, state: Task_State.DONE, completeTime: now }));
    case "reopenTask":
      return ofTask(store, edit.request.id, ({ completeTime: _, ...task }) => ({ ...task, state: Task_State.OPEN }));
    case "cancelTask":
      return ofTask(store, edit.request.id, (task) => ({ ...task, state: Task_State.CANCELLED }));
    case "skipOccurrence":
      return [];
    case "moveTask":
      return moved(store, edit.request);
    case "deleteTask":
      return ofTask(store, edit.request.id, (task) => ({ ...task, deleteTime: task.deleteTime ?? now }));
    case "undeleteTask": {
      const task = store.tasks.get(edit.request.id);
      return task === undefined ? [] : [task, ...below(store, task.id)].flatMap((part) => restored(part, task));
    }
    case "moveList": {
      const list = store.lists.get(edit.request.id);
      const rank = rankAt(edit.request.position, [...store.lists.values()], edit.request.id);
      return list === undefined ? [] : [{ kind: "list", list: { ...list, rank } }];
    }
    case "deleteList": {
      const list = store.lists.get(edit.request.id);
      return list === undefined ? [] : [{ kind: "list", list: { ...list, deleteTime: list.deleteTime ?? now } }];
    }
    case "undeleteList": {
      const list = store.lists.get(edit.request.id);
      if (list === undefined) return [];
      const { deleteTime: _, ...rest } = list;
      const inIt = [...store.tasks.values()].filter(({ listId }) => listId === list.id);
      return [{ kind: "list", list: rest }, ...inIt.flatMap((task) => restored(task, list))];
    }
  }
}

function ofTask(store: Store, id: string, change: (task: Task) => Task): Update[] {
  const task = store.tasks.get(id);
  return task === undefined ? [] : [{ kind: "task", task: change(task) }];
}

/** One deletion stamps everything that it takes with one time. */
function restored(task: Task, whole: Task | List): Update[] {
  const { deleteTime, purgeTime: _, ...rest } = task;
  const together =
    deleteTime === undefined ||
    (deleteTime.seconds === whole.deleteTime?.seconds && deleteTime.nanos === whole.deleteTime.nanos);
  return together ? [{ kind: "task", task: rest }] : [];
}

function moved(store: Store, { id, listId, parentId, position }: MoveTaskRequest): Update[] {
  const task = store.tasks.get(id);
  if (task === undefined) return [];
  const above = parentId ?? (listId === undefined || listId === task.listId ? task.parentId : "");
  const list = store.tasks.get(above)?.listId ?? listId ?? task.listId;
  const siblings = [...store.tasks.values()].filter((other) => other.parentId === above && other.listId === list);
  const rank = rankAt(position, siblings, id);
  const parts = list === task.listId ? [] : below(store, id);
  return [
    { kind: "task", task: { ...task, listId: list, parentId: above, rank } },
    ...parts.map((part): Update => ({ kind: "task", task: { ...part, listId: list } })),
  ];
}

function below(store: Store, id: string): Task[] {
  const parts = [...store.tasks.values()].filter(({ parentId }) => parentId === id);
  return parts.flatMap((part) => [part, ...below(store, part.id)]);
}

const LAST_PLACE: Position = { case: undefined };

type Position = MoveTaskRequest["position"] | MoveListRequest["position"];

function rankAt(position: Position, siblings: readonly (Task | List)[], id: string): string {
  const others = siblings
    .filter((other) => other.id !== id && other.deleteTime === undefined)
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1));
  const at = others.findIndex((other) => other.id === position.value);
  if (position.case === "first") return between("", others[0]?.rank ?? LAST);
  if (position.case === "beforeId" && at >= 0) return between(others[at - 1]?.rank ?? "", others[at]?.rank ?? LAST);
  if (position.case === "afterId" && at >= 0) return between(others[at]?.rank ?? "", others[at + 1]?.rank ?? LAST);
  return between(others.at(-1)?.rank ?? "", "");
}
