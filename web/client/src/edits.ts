// The edits that can wait for a network: writes about one task or list, each one request of the contract. What they
// name, how they are kept, and how they are sent.

import { fromBinary, toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import {
  CreateListRequestSchema,
  DeleteListRequestSchema,
  MoveListRequestSchema,
  UndeleteListRequestSchema,
  UpdateListRequestSchema,
} from "./gen/tandem/tasks/v1/list_service_pb.js";
import {
  CancelTaskRequestSchema,
  CompleteTaskRequestSchema,
  CreateTaskRequestSchema,
  DeleteTaskRequestSchema,
  MoveTaskRequestSchema,
  ReopenTaskRequestSchema,
  SkipOccurrenceRequestSchema,
  UndeleteTaskRequestSchema,
  UpdateTaskRequestSchema,
} from "./gen/tandem/tasks/v1/task_service_pb.js";
import type { Refusal } from "./refusal.js";
import type { Update } from "./store.js";
import type { TaskClients } from "./task_clients.js";

const TASK_REQUESTS = {
  createTask: CreateTaskRequestSchema,
  updateTask: UpdateTaskRequestSchema,
  completeTask: CompleteTaskRequestSchema,
  reopenTask: ReopenTaskRequestSchema,
  cancelTask: CancelTaskRequestSchema,
  skipOccurrence: SkipOccurrenceRequestSchema,
  moveTask: MoveTaskRequestSchema,
  deleteTask: DeleteTaskRequestSchema,
  undeleteTask: UndeleteTaskRequestSchema,
} as const;
const LIST_REQUESTS = {
  createList: CreateListRequestSchema,
  updateList: UpdateListRequestSchema,
  moveList: MoveListRequestSchema,
  deleteList: DeleteListRequestSchema,
  undeleteList: UndeleteListRequestSchema,
} as const;
/** The request of each edit, by the method that takes it. */
export const REQUESTS = { ...TASK_REQUESTS, ...LIST_REQUESTS };

/** What can wait for a network. */
export type Method = keyof typeof REQUESTS;
/** One edit as it is sent. */
export type Edit = {
  [M in Method]: { readonly method: M; readonly request: MessageShape<(typeof REQUESTS)[M]> };
}[Method];

/** One edit as it is kept until it is sent. */
export interface Entry {
  /** Its place in the order; never used twice. */
  readonly seq: number;
  readonly method: Method;
  /** With its request_id. */
  readonly request: Uint8Array;
  /** The task or list as the person saw it, for an update. */
  readonly before?: Uint8Array;
  /** Whether the service may have heard of it: from then on exactly these bytes are repeated. */
  readonly sent: boolean;
  /** Why the service will not have it. */
  readonly refusal?: Refusal;
}

export function isAboutTask(method: Method): method is keyof typeof TASK_REQUESTS {
  return method in TASK_REQUESTS;
}

export function editOf({ method, request }: Pick<Entry, "method" | "request">): Edit {
  const schema: DescMessage = REQUESTS[method];
  return { method, request: fromBinary(schema, request) } as Edit;
}

export function bytesOf({ method, request }: Edit): Uint8Array {
  const schema: DescMessage = REQUESTS[method];
  return toBinary(schema, request);
}

/** The task or list that changes. */
export function targetOf(edit: Edit): string {
  switch (edit.method) {
    case "createTask":
      return edit.request.taskId;
    case "createList":
      return edit.request.listId;
    case "updateTask":
      return edit.request.task?.id ?? "";
    case "updateList":
      return edit.request.list?.id ?? "";
    default:
      return edit.request.id;
  }
}

/** Everything that must be there before this can be done. */
export function idsOf(edit: Edit): string[] {
  const ids: (string | undefined)[] = [targetOf(edit)];
  if (edit.method === "createTask") ids.push(edit.request.task?.listId, edit.request.task?.parentId);
  if (edit.method === "moveTask") ids.push(edit.request.listId, edit.request.parentId);
  if (edit.method === "moveTask" || edit.method === "moveList") {
    const { position } = edit.request;
    if (position.case === "beforeId" || position.case === "afterId") ids.push(position.value);
  }
  return ids.filter((id) => id !== undefined && id !== "") as string[];
}

/** Sends one edit; what the service answers is how the task or list is now. */
export async function send({ tasks, lists }: TaskClients, edit: Edit, signal: AbortSignal): Promise<Update[]> {
  const options = { signal };
  switch (edit.method) {
    case "completeTask": {
      const { task } = await tasks.completeTask(edit.request, options);
      return task === undefined ? [] : [{ kind: "task", task }];
    }
    case "createTask":
      return [{ kind: "task", task: await tasks.createTask(edit.request, options) }];
    case "updateTask":
      return [{ kind: "task", task: await tasks.updateTask(edit.request, options) }];
    case "reopenTask":
      return [{ kind: "task", task: await tasks.reopenTask(edit.request, options) }];
    case "cancelTask":
      return [{ kind: "task", task: await tasks.cancelTask(edit.request, options) }];
    case "skipOccurrence":
      return [{ kind: "task", task: await tasks.skipOccurrence(edit.request, options) }];
    case "moveTask":
      return [{ kind: "task", task: await tasks.moveTask(edit.request, options) }];
    case "deleteTask":
      return [{ kind: "task", task: await tasks.deleteTask(edit.request, options) }];
    case "undeleteTask":
      return [{ kind: "task", task: await tasks.undeleteTask(edit.request, options) }];
    case "createList":
      return [{ kind: "list", list: await lists.createList(edit.request, options) }];
    case "updateList":
      return [{ kind: "list", list: await lists.updateList(edit.request, options) }];
    case "moveList":
      return [{ kind: "list", list: await lists.moveList(edit.request, options) }];
    case "deleteList":
      return [{ kind: "list", list: await lists.deleteList(edit.request, options) }];
    case "undeleteList":
      return [{ kind: "list", list: await lists.undeleteList(edit.request, options) }];
  }
}

/** The target as the service has it now. */
export async function read({ tasks, lists }: TaskClients, edit: Edit, signal: AbortSignal) {
  const id = targetOf(edit);
  return isAboutTask(edit.method)
    ? ({ kind: "task", task: await tasks.getTask({ id }, { signal }) } as const)
    : ({ kind: "list", list: await lists.getList({ id }, { signal }) } as const);
}
