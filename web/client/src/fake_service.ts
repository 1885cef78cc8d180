// task-service in memory, for faults that a real one cannot be brought to on demand: just enough of etags, request ids
// and the feed to see what a client does. What the service really does is tested against the real one.

import { create, toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, createRouterTransport, type Interceptor } from "@connectrpc/connect";
import { ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import { Task_State, TaskSchema, type Task } from "./gen/tandem/tasks/v1/task_pb.js";
import {
  CompleteTaskRequestSchema,
  CreateTaskRequestSchema,
  DeleteTaskRequestSchema,
  TaskService,
  UpdateTaskRequestSchema,
} from "./gen/tandem/tasks/v1/task_service_pb.js";
import { withFields } from "./merge.js";
import { refusal } from "./testing.js";
import type { TaskClients } from "./task_clients.js";

export class FakeService {
  readonly tasks = new Map<string, Task>();
  /** The writes that were done, by method and title: a repeat that finds its answer is not one. */
  readonly done: string[] = [];
  /** How often the service was asked for a write. */
  asked = 0;
  online = true;
  /** How many of the next answers to writes get lost on the way. */
  losing = 0;
  /** What the next write fails with. */
  fault: ConnectError | undefined;
  /** A write that is held back until this is over. */
  gate: Promise<void> | undefined;
  #revision = 0;
  readonly #replays = new Map<string, { body: string; id: string }>();
  readonly #feed: Task[] = [];
  #wake: (() => void)[] = [];

  clients(): TaskClients {
    const transport = createRouterTransport((router) => this.#serve(router), {
      transport: { interceptors: [this.#network()] },
    });
    const { tasks, changes } = {
      tasks: createClient(TaskService, transport),
      changes: createClient(ChangeService, transport),
    };
    return { tasks, changes } as unknown as TaskClients;
  }

  /** A change made somewhere else. */
  change(id: string, fields: Partial<Task>): void {
    const task = this.tasks.get(id) ?? create(TaskSchema, { id, title: id, state: Task_State.OPEN, rank: id });
    this.#put({ ...task, ...fields });
  }

  #serve({ service }: { service: Parameters<Parameters<typeof createRouterTransport>[0]>[0]["service"] }) {
    service(TaskService, {
      createTask: (request) =>
        this.#once("create", CreateTaskRequestSchema, request, request.taskId, () => {
          const made = { ...(request.task ?? create(TaskSchema)), id: request.taskId, state: Task_State.OPEN };
          return { ...made, rank: String(this.#revision) };
        }),
      updateTask: (request) =>
        this.#once("update", UpdateTaskRequestSchema, request, request.task?.id ?? "", (task) => {
          const { etag = "" } = request.task ?? {};
          if (etag !== "" && etag !== task.etag) throw refusal(Code.Aborted, "ETAG_MISMATCH");
          return withFields(TaskSchema, task, request.task ?? task, request.updateMask?.paths ?? []);
        }),
      completeTask: (request) => ({
        task: this.#once("complete", CompleteTaskRequestSchema, request, request.id, (task) => ({
          ...task,
          state: Task_State.DONE,
        })),
      }),
      deleteTask: (request) =>
        this.#once("delete", DeleteTaskRequestSchema, request, request.id, (task) => ({
          ...task,
          deleteTime: timestampFromMs(1_000),
        })),
      getTask: ({ id }) => this.#get(id),
    });
    service(ChangeService, {
      listChanges: ({ syncToken }) => ({ ...this.#since(Number(syncToken)), hasMore: false }),
      watchChanges: (request, { signal }) => this.#watch(Number(request.syncToken), signal),
    });
  }

  #once<D extends DescMessage>(
    what: string,
    schema: D,
    request: MessageShape<D> & { requestId: string },
    id: string,
    write: (task: Task) => Task,
  ): Task {
    const body = String(toBinary(schema, request));
    const replay = this.#replays.get(request.requestId);
    if (replay !== undefined && replay.body !== body) throw refusal(Code.AlreadyExists, "REQUEST_ID_REUSED");
    if (replay !== undefined) return this.#get(replay.id);
    const task = write(what === "create" ? create(TaskSchema) : this.#get(id));
    if (task.title.length > 500) throw refusal(Code.InvalidArgument, "FIELD_INVALID");
    this.#replays.set(request.requestId, { body, id });
    this.done.push(`${what} ${task.title}`);
    return this.#put(task);
  }

  #get(id: string): Task {
    const task = this.tasks.get(id);
    if (task === undefined) throw refusal(Code.NotFound, "NOT_FOUND");
    return task;
  }

  #put(task: Task): Task {
    this.#revision += 1;
    const stored = { ...task, etag: `e${this.#revision}`, updateTime: timestampFromMs(this.#revision) };
    this.tasks.set(task.id, stored);
    this.#feed.push(stored);
    for (const wake of this.#wake.splice(0)) wake();
    return stored;
  }

  #since(from: number) {
    const changes = this.#feed.slice(from).map((value) => ({ change: { case: "task" as const, value } }));
    return { changes, nextSyncToken: String(this.#feed.length) };
  }

  async *#watch(from: number, signal: AbortSignal) {
    while (!signal.aborted && this.online) {
      const word = this.#since(from);
      from = this.#feed.length;
      yield { ...word, checkpoint: true };
      if (from < this.#feed.length) continue;
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        signal.addEventListener("abort", () => resolve());
      });
    }
  }

  #network(): Interceptor {
    return (next) => async (request) => {
      const isWrite = "requestId" in request.message;
      if (!this.online) throw new ConnectError("Failed to fetch", Code.Unknown, undefined, undefined, new TypeError());
      if (isWrite) {
        this.asked += 1;
        await this.gate;
        const { fault } = this;
        this.fault = undefined;
        if (fault !== undefined) throw fault;
      }
      const answer = await next(request);
      if (isWrite && this.losing > 0) {
        this.losing -= 1;
        throw new ConnectError("Failed to fetch", Code.Unknown, undefined, undefined, new TypeError());
      }
      return answer;
    };
  }
}
