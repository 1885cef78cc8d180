// What can be done with tasks. Every write carries a request id, made once per intent: a repeat after a lost answer
// finds out what happened instead of doing it twice.

import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import type { Seen, TaskClients } from "tandem-client";
import {
  Task_State,
  type Recurrence_Basis,
  type Task,
  type Task_Priority,
  type When,
} from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { editOf, moveOf, type Draft } from "../../model/draft";
import type { Spot } from "../../model/reorder";
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

export interface NewTask {
  readonly title: string;
  readonly listId?: string;
  readonly parentId?: string;
  readonly labels?: string[];
  readonly priority?: Task_Priority;
  readonly due?: When;
  readonly recurrence?: { readonly rrule: string; readonly basis: Recurrence_Basis };
}

/** The ids of one intent to add a task; they stay the same however often it is tried. */
export interface NewTaskIds {
  readonly taskId: string;
  readonly requestId: string;
}

/** The ids of one intent to edit a task: its fields change by one call, its place by another. */
export interface EditIds {
  readonly fields: string;
  readonly place: string;
}

export function useTasks(
  { tasks: client }: TaskClients,
  { gone, state }: Live,
  onUndoable: (done: Undoable | undefined) => void,
) {
  const [refused, setRefused] = useState<Refused>();
  /** Whether the last change arrived; false also when there was none. */
  const [saved, setSaved] = useState(false);
  /** How each open editor is left. */
  const editors = useRef(new Set<() => Promise<void>>()).current;

  /** What is to come of it is shown by the replica; here only whether it arrived. */
  async function change(call: () => Promise<unknown>): Promise<boolean> {
    setRefused(undefined);
    setSaved(false);
    try {
      await call();
      setSaved(true);
      return true;
    } catch (error) {
      setRefused({ failure: failureOf(error), again: () => void change(call) });
      return false;
    }
  }

  /** For what can be taken back: the way back from what was done before is gone, so that nobody takes the wrong one. */
  async function changeBack(call: () => Promise<unknown>): Promise<void> {
    onUndoable(undefined);
    await change(call);
  }

  /** For the way back: its failure is told where it was asked for. */
  async function direct(call: () => Promise<Task>): Promise<void> {
    setSaved(false);
    await call();
    setSaved(true);
  }

  const add = (task: NewTask, ids: NewTaskIds) => direct(() => client.createTask({ task, ...ids }));
  const reopenNow = (id: string) => (requestId: string) => direct(() => client.reopenTask({ id, requestId }));
  const bringBack = (id: string) => (requestId: string) => direct(() => client.undeleteTask({ id, requestId }));

  /** From the trash, where the bar that offers the same may still stand. */
  async function restore(id: string, requestId: string): Promise<void> {
    await bringBack(id)(requestId);
    onUndoable(undefined);
  }

  async function toggle(task: Task): Promise<void> {
    const { id, title, due, recurrence } = task;
    const requestId = crypto.randomUUID();
    if (task.state !== Task_State.OPEN) {
      return await changeBack(() => client.reopenTask({ id, requestId }));
    }
    // Two devices that tick the same occurrence complete it once.
    const occurrence = recurrence !== undefined && due !== undefined ? { occurrence: due } : {};
    await changeBack(async () => {
      const now = (await client.completeTask({ id, ...occurrence, timeZone: browserZone(), requestId })).task;
      const words = now?.state === Task_State.OPEN ? text.doneOnce(title) : text.didIt(title);
      onUndoable({ words, gone: false, undo: reopenNow(id) });
    });
  }

  async function skip(task: Task): Promise<void> {
    const { id, title, due, start } = task;
    const request = { id, timeZone: browserZone(), requestId: crypto.randomUUID() };
    await changeBack(async () => {
      const now = await client.skipOccurrence(request);
      const back = { id, ...(due && { due }), ...(start && { start }) };
      const undo =
        now.state === Task_State.CANCELLED
          ? reopenNow(id)
          : (requestId: string) =>
              direct(() => client.updateTask({ task: back, updateMask: { paths: ["due", "start"] }, requestId }));
      onUndoable({ words: text.skipped(title), gone: false, undo });
    });
  }

  async function giveUp(task: Task): Promise<void> {
    const request = { id: task.id, requestId: crypto.randomUUID() };
    await changeBack(async () => {
      await client.cancelTask(request);
      onUndoable({ words: text.gaveUp(task.title), gone: true, undo: reopenNow(task.id) });
    });
  }

  /** Beside others under one parent of the same list; answers whether it may stay there. */
  async function move(task: Task, spot: Spot): Promise<boolean> {
    const request = { id: task.id, ...spot, requestId: crypto.randomUUID() };
    return await change(() => client.moveTask(request));
  }

  /** Fails with what is to be shown at the editor; whatever was saved until then stays so. */
  async function edit(base: Task, draft: Draft, ids: EditIds): Promise<void> {
    setSaved(false);
    const { task, paths } = editOf(draft, base);
    const place = moveOf(draft, base);
    const seen: Seen = { before: base };
    if (paths.length > 0) await client.updateTask({ task, updateMask: { paths }, requestId: ids.fields }, seen);
    if (place !== undefined) await client.moveTask({ id: base.id, ...place, requestId: ids.place });
    setSaved(true);
  }

  /**
   * For an editor that goes although nobody pressed anything in it. What cannot be saved, or replaces what came after
   * `before`, is asked about at the top.
   */
  async function leave(before: Task, base: Task, draft: Draft, ids: EditIds): Promise<void> {
    const { task, paths } = editOf(draft, base, before);
    const place = moveOf(draft, base);
    const seen: Seen = { before, unattended: true };
    if (paths.length > 0) await client.updateTask({ task, updateMask: { paths }, requestId: ids.fields }, seen);
    if (place !== undefined) await client.moveTask({ id: base.id, ...place, requestId: ids.place }, seen);
  }

  /** Until what was typed is kept on this device. */
  async function leaveEditors(): Promise<void> {
    await Promise.all([...editors].map((leave) => leave()));
  }

  async function remove(task: Task): Promise<void> {
    const request = { id: task.id, requestId: crypto.randomUUID() };
    await changeBack(async () => {
      await client.deleteTask(request);
      onUndoable({ words: text.removed(task.title), gone: true, undo: bringBack(task.id) });
    });
  }

  async function purge(id: string, requestId: string): Promise<void> {
    onUndoable(undefined);
    await client.purgeTask({ id, requestId });
    gone(id);
  }

  /** Answers how many went; the feed tells which. */
  async function emptyTrash(requestId: string): Promise<number> {
    onUndoable(undefined);
    for (let purged = 0; ; ) {
      const { purgedCount, done } = await client.emptyTrash({ requestId });
      purged += Number(purgedCount);
      if (done) return purged;
    }
  }

  function forget() {
    setRefused(undefined);
    setSaved(false);
  }

  // What waits for a network is kept, and not saved.
  const arrived = saved && state.unsent + state.troubles.length === 0;
  const editing = { edit, leave, editors, leaveEditors };
  return { refused, saved: arrived, forget, add, toggle, skip, giveUp, move, ...editing, remove, restore, purge, emptyTrash };
}

export type Act = ReturnType<typeof useTasks>;
