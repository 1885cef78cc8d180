// The list and what can be done with it. Every write carries a request id, made once per intent: a repeat after a
// lost answer finds out what happened instead of doing it twice.

import type { Client } from "@connectrpc/connect";
import { useCallback, useEffect, useReducer, useRef, useState } from "preact/hooks";
import { failureOf, reasonOf, type Failure } from "../api/errors";
import { Task_State, type Task } from "../gen/tandem/tasks/v1/task_pb";
import type { TaskService } from "../gen/tandem/tasks/v1/task_service_pb";
import { emptyList, listReducer, type Part } from "./list_state";

export type View = "open" | "done";

const PAGE_SIZE = 30;
const LISTS = {
  open: { filter: "state = OPEN", orderBy: "create_time desc" },
  done: { filter: "state = DONE", orderBy: "update_time desc" },
} as const;

/** A change that did not arrive. */
export interface Refused {
  readonly failure: Failure;
  /** The same change again, under the same request id. */
  readonly again: () => void;
}

export interface Removed {
  readonly task: Task;
  readonly index: number;
}

/** The ids of one intent to add a task; they stay the same however often it is tried. */
export interface NewTaskIds {
  readonly taskId: string;
  readonly requestId: string;
}

export function useTasks(client: Client<typeof TaskService>, view: View, online: boolean) {
  const [list, dispatch] = useReducer(listReducer, emptyList);
  const [refused, setRefused] = useState<Refused>();
  const [removed, setRemoved] = useState<Removed>();
  /** Whether the last change arrived; false also when there was none. */
  const [saved, setSaved] = useState(false);
  const latest = useRef<AbortController>(undefined);
  const lastPart = useRef<Part>("first");

  const load = useCallback(
    async (part: Part, pageToken = "") => {
      lastPart.current = part;
      latest.current?.abort();
      const { signal } = (latest.current = new AbortController());
      dispatch({ type: "load", part });
      try {
        const page = await client.listTasks({ ...LISTS[view], pageSize: PAGE_SIZE, pageToken }, { signal });
        dispatch({ type: "loaded", tasks: page.tasks, nextPageToken: page.nextPageToken });
      } catch (error) {
        if (!signal.aborted) dispatch({ type: "loadFailed", failure: failureOf(error) });
      }
    },
    [client, view],
  );

  useEffect(() => {
    // Also when the network comes back: what was shown meanwhile may be old.
    if (online) void load("first");
  }, [load, online]);
  useEffect(() => () => latest.current?.abort(), []);

  /** Shows `expected` at once, and takes it back when the call fails. */
  async function change(task: Task, expected: Task, call: () => Promise<void>): Promise<void> {
    setRefused(undefined);
    setSaved(false);
    dispatch({ type: "saving", task: expected });
    try {
      await call();
      setSaved(true);
    } catch (error) {
      dispatch({ type: "saved", task });
      setRefused({ failure: failureOf(error), again: () => void change(task, expected, call) });
    }
  }

  async function add(title: string, ids: NewTaskIds): Promise<void> {
    setSaved(false);
    const task = await client.createTask({ task: { title }, ...ids });
    dispatch({ type: "saved", task });
    setSaved(true);
  }

  async function toggle(task: Task): Promise<void> {
    const request = { id: task.id, requestId: crypto.randomUUID() };
    const done = task.state === Task_State.DONE;
    await change(task, { ...task, state: done ? Task_State.OPEN : Task_State.DONE }, async () => {
      const now = done ? await client.reopenTask(request) : (await client.completeTask(request)).task;
      if (now !== undefined) dispatch({ type: "saved", task: now });
    });
  }

  async function rename(task: Task, title: string, requestId: string): Promise<void> {
    setSaved(false);
    try {
      const request = { task: { id: task.id, etag: task.etag, title }, updateMask: { paths: ["title"] }, requestId };
      dispatch({ type: "saved", task: await client.updateTask(request) });
      setSaved(true);
    } catch (error) {
      // The person sees what the title has become, and the next save replaces that and nothing newer.
      if (reasonOf(error) === "ETAG_MISMATCH") {
        dispatch({ type: "saved", task: await client.getTask({ id: task.id }) });
      }
      throw error;
    }
  }

  async function remove(task: Task): Promise<void> {
    const request = { id: task.id, requestId: crypto.randomUUID() };
    const index = list.items.findIndex((item) => item.task.id === task.id);
    await change(task, task, async () => {
      const gone = await client.deleteTask(request);
      dispatch({ type: "removed", id: task.id });
      setRemoved({ task: gone, index });
    });
  }

  async function undo({ task, index }: Removed, requestId: string): Promise<void> {
    setSaved(false);
    const back = await client.undeleteTask({ id: task.id, requestId });
    dispatch({ type: "saved", task: back, index });
    setRemoved(undefined);
    setSaved(true);
  }

  return {
    list,
    saved,
    refused,
    removed,
    loadAgain: () => void load(lastPart.current, lastPart.current === "more" ? list.nextPageToken : ""),
    loadMore: () => void load("more", list.nextPageToken),
    add,
    toggle,
    rename,
    remove,
    undo,
    forgetRemoved: () => setRemoved(undefined),
  };
}
