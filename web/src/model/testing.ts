// What the tests of the model share: lists and tasks that say only what a test is about.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ListSchema, type List } from "../gen/tandem/tasks/v1/list_pb";
import { Task_State, TaskSchema, type Task } from "../gen/tandem/tasks/v1/task_pb";

export function task(id: string, more: MessageInitShape<typeof TaskSchema> = {}): Task {
  return create(TaskSchema, { id, title: id, state: Task_State.OPEN, rank: id, ...more });
}

export function list(id: string, more: MessageInitShape<typeof ListSchema> = {}): List {
  return create(ListSchema, { id, title: id, rank: id, ...more });
}

export const at = (seconds: number) => timestampFromMs(seconds * 1000);
