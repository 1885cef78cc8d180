// What becomes of unsent edits: joined while nobody has heard of them, put on top of what the task or list has become,
// sent in order. Pure.

import { create, fromBinary, toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { bytesOf, editOf, idsOf, targetOf, type Edit, type Entry } from "./edits.js";
import { ListSchema, type List } from "./gen/tandem/tasks/v1/list_pb.js";
import { TaskSchema, type Task } from "./gen/tandem/tasks/v1/task_pb.js";
import { merge, withFields, type Merged } from "./merge.js";
import type { Store } from "./store.js";

/** Fields that were changed here and elsewhere, and differently. */
export interface Conflict {
  readonly fields: readonly string[];
  /** With what the person wants in these fields. */
  readonly mine: Task | List;
  readonly theirs: Task | List;
}

/** Whose version of a field is to stay. */
export type Side = "mine" | "theirs";

type Update = Extract<Edit, { method: "updateTask" | "updateList" }>;

/** The earlier edit of the same thing with this one in it; undefined when they must stay two. */
export function join(last: Entry | undefined, edit: Edit, before: Uint8Array | undefined): Entry | undefined {
  if (last === undefined || last.sent || last.refusal !== undefined || !isUpdate(edit)) return undefined;
  const earlier = editOf(last);
  const [schema, wanted, paths] = partsOf(edit);
  if (earlier.method === "createTask" && edit.method === "updateTask" && earlier.request.task !== undefined) {
    const task = withFields(TaskSchema, earlier.request.task, wanted as Task, paths);
    return { ...last, request: bytesOf({ ...earlier, request: { ...earlier.request, task } }) };
  }
  if (earlier.method === "createList" && edit.method === "updateList" && earlier.request.list !== undefined) {
    const list = withFields(ListSchema, earlier.request.list, wanted as List, paths);
    return { ...last, request: bytesOf({ ...earlier, request: { ...earlier.request, list } }) };
  }
  if (earlier.method !== edit.method || !isUpdate(earlier) || last.before === undefined || before === undefined)
    return undefined;
  const [, was, had] = partsOf(earlier);
  const fresh = paths.filter((path) => !had.includes(path));
  const seen = withFields(schema, fromBinary(schema, last.before), fromBinary(schema, before), fresh);
  const both = withParts(earlier, withFields(schema, was, wanted, paths), [...had, ...fresh]);
  return { ...last, request: bytesOf(both), before: toBinary(schema, seen) };
}

/** Set for an update that cannot be sent before the person has decided. */
export function conflictOf(entry: Entry, base: Store): Conflict | undefined {
  const parts = mergeOf(entry, base);
  if (parts === undefined || parts.merged.conflicts.length === 0) return undefined;
  return { fields: parts.merged.conflicts, mine: parts.mine as Task, theirs: parts.now as Task };
}

/** The entry as it is to be sent; undefined when it asks for nothing that is not so already. */
export function prepared(entry: Entry, base: Store): Entry | undefined {
  const parts = mergeOf(entry, base);
  if (parts === undefined) return { ...entry, sent: true };
  const { merged, edit, now } = parts;
  if (merged.paths.length === 0) return undefined;
  const wanted = { ...merged.wanted, etag: (now as Task).etag };
  return { ...entry, request: bytesOf(withParts(edit, wanted, merged.paths)), sent: true };
}

/** The entry after a decision; undefined when nothing is left of it. */
export function decided(entry: Entry, base: Store, field: string, side: Side): Entry | undefined {
  const parts = mergeOf(entry, base);
  if (parts === undefined || entry.before === undefined) return entry;
  const [schema, wanted, paths] = partsOf(parts.edit);
  if (side === "mine") {
    const seen = withFields(schema, fromBinary(schema, entry.before), parts.now, [field]);
    return { ...entry, before: toBinary(schema, seen) };
  }
  const left = paths.filter((path) => path !== field);
  return left.length === 0 ? undefined : { ...entry, request: bytesOf(withParts(parts.edit, wanted, left)) };
}

/** The entry with a new request_id: its old bytes were refused, and others must not pass for them. */
export function renamed(entry: Entry): Entry {
  const edit = editOf(entry);
  return {
    ...entry,
    sent: false,
    request: bytesOf({ ...edit, request: { ...edit.request, requestId: crypto.randomUUID() } } as Edit),
  };
}

/** The first edit that can be sent: it waits for no decision, and for nothing that does. */
export function nextOf(entries: readonly Entry[], base: Store): Entry | undefined {
  const unmade = new Set<string>();
  const disputed = new Set<string>();
  for (const entry of entries) {
    const edit = editOf(entry);
    const target = targetOf(edit);
    const stuck = conflictOf(entry, base) !== undefined || disputed.has(target);
    const waits = idsOf(edit).some((id) => unmade.has(id));
    if (entry.refusal === undefined && !stuck && !waits) return entry;
    if (edit.method === "createTask" || edit.method === "createList") unmade.add(target);
    else if (stuck) disputed.add(target);
  }
  return undefined;
}

function mergeOf(entry: Entry, base: Store) {
  const edit = editOf(entry);
  if (!isUpdate(edit) || entry.before === undefined || entry.sent || entry.refusal !== undefined) return undefined;
  const [schema, mine, paths] = partsOf(edit);
  const id = targetOf(edit);
  const now = edit.method === "updateTask" ? base.tasks.get(id) : base.lists.get(id);
  if (now === undefined) return undefined;
  const merged: Merged<DescMessage> = merge(schema, paths, fromBinary(schema, entry.before), mine, now);
  return { edit, mine, now, merged };
}

const isUpdate = (edit: Edit): edit is Update => edit.method === "updateTask" || edit.method === "updateList";

function partsOf(edit: Update): [DescMessage, MessageShape<DescMessage>, readonly string[]] {
  const paths = edit.request.updateMask?.paths ?? [];
  return edit.method === "updateTask"
    ? [TaskSchema, edit.request.task ?? create(TaskSchema), paths]
    : [ListSchema, edit.request.list ?? create(ListSchema), paths];
}

function withParts(edit: Update, thing: MessageShape<DescMessage>, paths: readonly string[]): Edit {
  const updateMask = create(FieldMaskSchema, { paths: [...paths] });
  return edit.method === "updateTask"
    ? { ...edit, request: { ...edit.request, task: thing as Task, updateMask } }
    : { ...edit, request: { ...edit.request, list: thing as List, updateMask } };
}
