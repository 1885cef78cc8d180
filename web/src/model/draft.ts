// A task while it is edited: what was typed, what of it is a change, and what becomes of it when the task changes
// somewhere else meanwhile. Pure.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { Recurrence_Basis, TaskSchema, type Task, type Task_Priority } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { civilOf, whenOf } from "./when";

export interface Draft {
  readonly title: string;
  readonly notes: string;
  readonly priority: Task_Priority;
  readonly labels: readonly string[];
  readonly date: string;
  readonly time: string;
  readonly timeZone: string;
  readonly startDate: string;
  readonly startTime: string;
  readonly startZone: string;
  /** Empty when it does not repeat. */
  readonly rrule: string;
  /** Whether the next one is counted from the day it is done. */
  readonly fromDone: boolean;
  readonly listId: string;
  readonly parentId: string;
}

/** Fields that an update replaces together, by the path of the mask. Where a task is has methods of its own. */
const GROUPS = {
  title: ["title"],
  notes: ["notes"],
  priority: ["priority"],
  labels: ["labels"],
  due: ["date", "time", "timeZone"],
  start: ["startDate", "startTime", "startZone"],
  recurrence: ["rrule", "fromDone"],
} as const satisfies Record<string, readonly (keyof Draft)[]>;
const PLACE = ["listId", "parentId"] as const;

export function draftOf({ title, notes, priority, labels, due, start, recurrence, listId, parentId }: Task): Draft {
  const begin = civilOf(start);
  return {
    title,
    notes,
    priority,
    labels,
    ...civilOf(due),
    timeZone: due?.timeZone ?? "",
    startDate: begin.date,
    startTime: begin.time,
    startZone: start?.timeZone ?? "",
    rrule: recurrence?.rrule ?? "",
    fromDone: recurrence?.basis === Recurrence_Basis.COMPLETION,
    listId,
    parentId,
  };
}

export interface Edit {
  readonly task: MessageInitShape<typeof TaskSchema>;
  readonly paths: string[];
}

/**
 * The fields that differ from `base`, as an update takes them. The place is not one of them. `seen` is the version that
 * the edit replaces, where that is an older one.
 */
export function editOf(typed: Draft, base: Task, seen: Task = base): Edit {
  const before = draftOf(base);
  const draft = possible(typed);
  const trimmed = { ...draft, title: draft.title.trim() };
  const paths = Object.entries(GROUPS).flatMap(([path, fields]) => (same(trimmed, before, fields) ? [] : [path]));
  const due = whenOf(draft, draft.timeZone, base.due);
  const start = whenOf({ date: draft.startDate, time: draft.startTime }, draft.startZone, base.start);
  const basis = draft.fromDone ? Recurrence_Basis.COMPLETION : Recurrence_Basis.DUE;
  return {
    task: {
      id: base.id,
      etag: seen.etag,
      title: draft.title,
      notes: draft.notes,
      priority: draft.priority,
      labels: [...draft.labels],
      ...(due && { due }),
      ...(start && { start }),
      ...(draft.rrule !== "" && { recurrence: { rrule: draft.rrule, basis } }),
    },
    paths,
  };
}

/**
 * Without a date there is no time, no zone, and nothing comes again. The draft keeps them: a date of which a part is being
 * typed is none for as long as that takes.
 */
function possible(draft: Draft): Draft {
  return {
    ...draft,
    ...(draft.date === "" && { time: "", timeZone: "", rrule: "", fromDone: false }),
    ...(draft.startDate === "" && { startTime: "", startZone: "" }),
  };
}

/** Where the task goes, as MoveTask takes it; unset when it stays. */
export function moveOf(draft: Draft, base: Task): { listId?: string; parentId: string } | undefined {
  if (same(draft, draftOf(base), PLACE)) return undefined;
  // A part is in the list of its whole, whatever that is.
  return draft.parentId === "" ? { listId: draft.listId, parentId: "" } : { parentId: draft.parentId };
}

/** What goes with a date or time that is half typed: a browser tells it as none, and nothing can be without it. */
const HALF_TYPED: Readonly<Record<string, readonly (keyof Draft)[]>> = {
  date: [...GROUPS.due, ...GROUPS.recurrence],
  time: ["time", "timeZone"],
  startDate: GROUPS.start,
  startTime: ["startTime", "startZone"],
};

/** Without what was not typed to its end, which stays as it is in `base`: half a change is better than none. */
export function finished(draft: Draft, base: Task, halfTyped: readonly string[]): Draft {
  const before = draftOf(base);
  const fields = halfTyped.flatMap((field) => HALF_TYPED[field] ?? []);
  const title = draft.title.trim() === "" ? before.title : draft.title;
  return { ...draft, title, ...(Object.fromEntries(fields.map((field) => [field, before[field]])) as Partial<Draft>) };
}

/** What was typed stays; what was not touched follows the task. */
export function rebase(draft: Draft, from: Task, to: Task): Draft {
  const [before, now] = [draftOf(from), draftOf(to)];
  const kept = [...Object.values(GROUPS), PLACE].flatMap((fields) =>
    same(draft, before, fields) ? [] : (fields as readonly (keyof Draft)[]).map((field) => [field, draft[field]] as const),
  );
  return { ...now, ...(Object.fromEntries(kept) as Partial<Draft>) };
}

function same(a: Draft, b: Draft, fields: readonly (keyof Draft)[]): boolean {
  return fields.every((field) => JSON.stringify(a[field]) === JSON.stringify(b[field]));
}
