// What can be done with tasks. Every write carries a request id, made once per intent: a repeat after a lost answer
// finds out what happened instead of doing it twice.

import { useState } from "preact/hooks";
import { reasonOf } from "tandem-client";
import { failureOf, type Failure } from "../../failure";
import type { TaskClients } from "tandem-client";
import { Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { editOf, type Draft } from "../../model/draft";
import { browserZone } from "../../model/when";
import { text } from "../../text";
import type { Live } from "../use_live";
import type { Undoable } from "./undo_bar";

/** A change that did not arrive. */
export interface Refused {
  readonly failure: Failure;
  /** The same change again, under the same request id. */
  readonly again: () => void;
}

/** The ids of one intent to add a task; they stay the same however often it is tried. */
export interface NewTaskIds {
  readonly taskId: string;
  readonly requestId: string;
}

/** Where a new task goes: into a list, or under another task. */
export interface Under {
  readonly listId: string;
  readonly parentId?: string;
}

/** The ids of one intent to edit a task: its fields change by one call, its list by another. */
export interface EditIds {
  readonly fields: string;
  readonly list: string;
}

export function useTasks({ tasks: client }: TaskClients, { dispatch }: Live, onUndoable: (done: Undoable) => void) {
  const [refused, setRefused] = useState<Refused>();
  /** Whether the last change arrived; false also when there was none. */
  const [saved, setSaved] = useState(false);

  const settle = (task: Task | undefined, id = task?.id) =>
    dispatch({ type: "settled", ...(id !== undefined && { id }), updates: task ? [{ kind: "task", task }] : [] });

  /** Shows `expected` at once, and takes it back when the call fails. */
  async function change(expected: Task, call: () => Promise<Task | undefined>): Promise<void> {
    setRefused(undefined);
    setSaved(false);
    dispatch({ type: "saving", task: expected });
    try {
      settle(await call(), expected.id);
      setSaved(true);
    } catch (error) {
      settle(undefined, expected.id);
      setRefused({ failure: failureOf(error), again: () => void change(expected, call) });
    }
  }

  async function add(title: string, under: Under, ids: NewTaskIds): Promise<void> {
    setSaved(false);
    settle(await client.createTask({ task: { title, ...under }, ...ids }));
    setSaved(true);
  }

  async function toggle(task: Task): Promise<void> {
    if (task.state !== Task_State.OPEN) return await reopen(task, crypto.randomUUID());
    const { id, due, recurrence } = task;
    // Two devices that tick the same occurrence complete it once.
    const occurrence = recurrence !== undefined && due !== undefined ? { occurrence: due } : {};
    const request = { id, ...occurrence, timeZone: browserZone(), requestId: crypto.randomUUID() };
    await change({ ...task, state: Task_State.DONE }, async () => {
      const now = (await client.completeTask(request)).task;
      if (now?.state === Task_State.OPEN) {
        onUndoable({ words: text.doneOnce(task.title), gone: false, undo: (requestId) => reopenNow(now, requestId) });
      }
      return now;
    });
  }

  async function reopenNow({ id }: Task, requestId: string): Promise<void> {
    settle(await client.reopenTask({ id, requestId }));
    setSaved(true);
  }

  async function reopen(task: Task, requestId: string): Promise<void> {
    await change({ ...task, state: Task_State.OPEN }, () => client.reopenTask({ id: task.id, requestId }));
  }

  /** Fails with what is to be shown at the editor; whatever was saved until then stays so. */
  async function edit(base: Task, draft: Draft, ids: EditIds): Promise<void> {
    setSaved(false);
    const { task, paths } = editOf(draft, base);
    try {
      if (paths.length > 0) {
        settle(await client.updateTask({ task, updateMask: { paths }, requestId: ids.fields }));
      }
      if (draft.listId !== base.listId) {
        settle(await client.moveTask({ id: base.id, listId: draft.listId, requestId: ids.list }));
      }
      setSaved(true);
    } catch (error) {
      // The person sees what the task has become, and the next save replaces that and nothing newer.
      if (reasonOf(error) === "ETAG_MISMATCH") settle(await client.getTask({ id: base.id }));
      throw error;
    }
  }

  async function remove(task: Task): Promise<void> {
    const request = { id: task.id, requestId: crypto.randomUUID() };
    await change(task, async () => {
      const gone = await client.deleteTask(request);
      onUndoable({ words: text.removed(task.title), gone: true, undo: (requestId) => restore(gone.id, requestId) });
      return gone;
    });
  }

  async function restore(id: string, requestId: string): Promise<void> {
    setSaved(false);
    settle(await client.undeleteTask({ id, requestId }));
    setSaved(true);
  }

  function forget() {
    setRefused(undefined);
    setSaved(false);
  }

  return { refused, saved, forget, add, toggle, edit, remove, restore };
}

export type Act = ReturnType<typeof useTasks>;
