// A task while it is edited: what was typed, what of it is a change, and what becomes of it when the task changes
// somewhere else meanwhile. Pure.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { TaskSchema, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { civilOf, whenOf } from "./when";

export interface Draft {
  readonly title: string;
  readonly notes: string;
  readonly date: string;
  readonly time: string;
  readonly timeZone: string;
  readonly listId: string;
}

export function draftOf({ title, notes, due, listId }: Task): Draft {
  return { title, notes, ...civilOf(due), timeZone: due?.timeZone ?? "", listId };
}

export interface Edit {
  readonly task: MessageInitShape<typeof TaskSchema>;
  readonly paths: string[];
}

/** The fields that differ from `base`, as an update takes them. The list is not one of them. */
export function editOf(draft: Draft, base: Task): Edit {
  const before = draftOf(base);
  const paths: string[] = [];
  if (draft.title.trim() !== before.title) paths.push("title");
  if (draft.notes !== before.notes) paths.push("notes");
  if (draft.date !== before.date || draft.time !== before.time || draft.timeZone !== before.timeZone) paths.push("due");
  const due = whenOf(draft, draft.timeZone, base.due);
  return {
    task: { id: base.id, etag: base.etag, title: draft.title, notes: draft.notes, ...(due && { due }) },
    paths,
  };
}

/** What was typed stays; what was not touched follows the task. */
export function rebase(draft: Draft, from: Task, to: Task): Draft {
  const [before, now] = [draftOf(from), draftOf(to)];
  const keep = (field: keyof Draft) => (draft[field] === before[field] ? now[field] : draft[field]);
  const dueTouched = draft.date !== before.date || draft.time !== before.time || draft.timeZone !== before.timeZone;
  const { date, time, timeZone } = dueTouched ? draft : now;
  return { title: keep("title"), notes: keep("notes"), date, time, timeZone, listId: keep("listId") };
}
