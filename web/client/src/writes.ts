// The clients of task-service with an outbox behind them: called like the others, but a write that finds no network is
// kept and sent later. Reads, and writes that cannot wait, go straight to the service.

import { create, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type CallOptions } from "@connectrpc/connect";
import { REQUESTS, type Edit, type Method } from "./edits.js";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ListSchema, type List } from "./gen/tandem/tasks/v1/list_pb.js";
import { TaskSchema, type Task } from "./gen/tandem/tasks/v1/task_pb.js";
import { CompleteTaskResponseSchema, type CompleteTaskResponse } from "./gen/tandem/tasks/v1/task_service_pb.js";
import { errorFrom } from "./refusal.js";
import { merge, setPaths } from "./merge.js";
import type { Replica } from "./replica.js";
import type { Tabs } from "./tabs.js";
import type { TaskClients } from "./task_clients.js";

/** What is known of a write beside its request. The rest of the options of a call means nothing here: an edit outlives it. */
export interface Seen extends CallOptions {
  /** For an update: what the person saw when they began to edit, if that is not what is shown now. */
  readonly before?: Task | List;
  /** Set where nobody waits for the answer: a refusal or a conflict is not thrown, but kept as a trouble. */
  readonly unattended?: boolean;
}

type Update = Extract<Edit, { method: "updateTask" | "updateList" }>;
type Init<M extends Method> = MessageInitShape<(typeof REQUESTS)[M]>;
type Write<M extends Method, T> = (request: Init<M>, seen?: Seen) => Promise<T>;

/** Writes that are kept until they are sent. Each answers when the service has, or when there is nobody to ask. */
export interface Writes {
  readonly createTask: Write<"createTask", Task>;
  readonly updateTask: Write<"updateTask", Task>;
  readonly completeTask: Write<"completeTask", CompleteTaskResponse>;
  readonly reopenTask: Write<"reopenTask", Task>;
  readonly cancelTask: Write<"cancelTask", Task>;
  readonly skipOccurrence: Write<"skipOccurrence", Task>;
  readonly moveTask: Write<"moveTask", Task>;
  readonly deleteTask: Write<"deleteTask", Task>;
  readonly undeleteTask: Write<"undeleteTask", Task>;
  readonly createList: Write<"createList", List>;
  readonly updateList: Write<"updateList", List>;
  readonly moveList: Write<"moveList", List>;
  readonly deleteList: Write<"deleteList", List>;
  readonly undeleteList: Write<"undeleteList", List>;
}

/** Whoever waits for an answer for longer than this goes on without. */
const PATIENCE_MILLIS = 8_000;
const TASK_FIELDS = ["title", "notes", "priority", "labels", "start", "due", "recurrence"];
const LIST_FIELDS = ["title"];

/** The clients with every write that can wait going through the outbox of `replica`. */
export function offlineClients(replica: Replica, clients: TaskClients, tabs: Pick<Tabs, "online">): TaskClients {
  const writes = writesOf(replica, tabs);
  return { ...clients, tasks: { ...clients.tasks, ...writes }, lists: { ...clients.lists, ...writes } };
}

/** The writes alone. */
export function writesOf(replica: Replica, tabs: Pick<Tabs, "online">): Writes {
  const ofTask = (method: Exclude<Method, `${string}List`>) => async (request: object, seen?: Seen) => {
    const id = await perform(replica, tabs, whole(method, request), seen);
    return found(replica.state.store.tasks.get(id), replica.base.tasks.get(id));
  };
  const ofList = (method: Extract<Method, `${string}List`>) => async (request: object, seen?: Seen) => {
    const id = await perform(replica, tabs, whole(method, request), seen);
    return found(replica.state.store.lists.get(id), replica.base.lists.get(id));
  };
  return {
    createTask: ofTask("createTask"),
    updateTask: ofTask("updateTask"),
    completeTask: async (request) =>
      create(CompleteTaskResponseSchema, { task: await ofTask("completeTask")(request) }),
    reopenTask: ofTask("reopenTask"),
    cancelTask: ofTask("cancelTask"),
    skipOccurrence: ofTask("skipOccurrence"),
    moveTask: ofTask("moveTask"),
    deleteTask: ofTask("deleteTask"),
    undeleteTask: ofTask("undeleteTask"),
    createList: ofList("createList"),
    updateList: ofList("updateList"),
    moveList: ofList("moveList"),
    deleteList: ofList("deleteList"),
    undeleteList: ofList("undeleteList"),
  };
}

/** With the ids that make a repeat harmless, and with a mask that says which fields are meant. */
function whole(method: Method, init: object): Edit {
  const schema: DescMessage = REQUESTS[method];
  const edit = { method, request: create(schema, init as Record<string, unknown>) } as Edit;
  edit.request.requestId ||= crypto.randomUUID();
  switch (edit.method) {
    case "createTask":
      edit.request.taskId ||= crypto.randomUUID();
      break;
    case "createList":
      edit.request.listId ||= crypto.randomUUID();
      break;
    case "updateTask": {
      const { task = {}, updateMask } = edit.request;
      return {
        ...edit,
        request: { ...edit.request, ...maskOf(TaskSchema, task, updateMask?.paths, TASK_FIELDS) },
      } as Edit;
    }
    case "updateList": {
      const { list = {}, updateMask } = edit.request;
      return {
        ...edit,
        request: { ...edit.request, ...maskOf(ListSchema, list, updateMask?.paths, LIST_FIELDS) },
      } as Edit;
    }
  }
  return edit;
}

function maskOf(schema: DescMessage, thing: object, paths: string[] = [], fields: string[]) {
  const asked = paths.includes("*") ? fields : paths.length === 0 ? setPaths(schema, thing, fields) : paths;
  return { updateMask: { $typeName: "google.protobuf.FieldMask" as const, paths: asked } };
}

async function perform(replica: Replica, tabs: Pick<Tabs, "online">, edit: Edit, seen: Seen = {}): Promise<string> {
  switch (edit.method) {
    case "updateTask":
    case "updateList": {
      const thing = edit.method === "updateTask" ? edit.request.task : edit.request.list;
      const { id = "", etag = "" } = thing ?? {};
      const { tasks, lists } = replica.state.store;
      const shown = tasks.get(id) ?? lists.get(id);
      const before = seen.before ?? shown;
      const schema: DescMessage = edit.method === "updateTask" ? TaskSchema : ListSchema;
      // Of a version that is not here, or that was overtaken in these very fields, the person is told at once.
      const isOld = etag !== "" && etag !== before?.etag;
      const isDue = tabs.online && !seen.unattended;
      if (isOld || (isDue && before !== undefined && isDisputed(shown, schema, edit, before))) {
        throw refusedWith(Code.Aborted, "ETAG_MISMATCH");
      }
      await settle(replica, tabs, edit, seen, before && toBinary(schema, before));
      return id;
    }
    default:
      await settle(replica, tabs, edit, seen);
      return edit.method === "createTask"
        ? edit.request.taskId
        : edit.method === "createList"
          ? edit.request.listId
          : edit.request.id;
  }
}

function isDisputed(now: Task | List | undefined, schema: DescMessage, edit: Update, before: Task | List): boolean {
  const mine = edit.method === "updateTask" ? edit.request.task : edit.request.list;
  if (mine === undefined || now === undefined) return false;
  return merge(schema, edit.request.updateMask?.paths ?? [], before, mine, now).conflicts.length > 0;
}

/** Until the edit is done or refused, or it is clear that it has to wait. */
async function settle(
  replica: Replica,
  tabs: Pick<Tabs, "online">,
  edit: Edit,
  { unattended }: Seen,
  before?: Uint8Array,
): Promise<void> {
  const { seq, joined } = await replica.keep(edit, before);
  if (unattended) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, PATIENCE_MILLIS);
    const stop = replica.subscribe(look);
    look();

    function look() {
      const entry = replica.entries.find((entry) => entry.seq === seq);
      // With an earlier edit in it, it is not this caller's alone to take back.
      if (entry?.refusal !== undefined && !joined) {
        const error = errorFrom(entry.refusal);
        return done(() => void replica.discard(seq).then(() => reject(error), reject));
      }
      const { troubles, unreachable } = replica.state;
      if (entry === undefined || unreachable || !tabs.online || troubles.some((trouble) => trouble.seq === seq)) done();
    }
    function done(then: () => void = resolve) {
      clearTimeout(timer);
      stop();
      then();
    }
  });
}

function found<T>(shown: T | undefined, stored: T | undefined): T {
  const thing = shown ?? stored;
  if (thing === undefined) throw refusedWith(Code.NotFound, "NOT_FOUND");
  return thing;
}

function refusedWith(code: Code, reason: string): ConnectError {
  const value = create(ErrorInfoSchema, { domain: "tandem", reason });
  return new ConnectError(reason, code, undefined, [{ desc: ErrorInfoSchema, value }]);
}
