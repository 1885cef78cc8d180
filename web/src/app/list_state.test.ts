import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Task_State, TaskSchema, type Task } from "../gen/tandem/tasks/v1/task_pb";
import { emptyList, listReducer, type ListAction, type ListState } from "./list_state";

const task = (id: string, title = id, state = Task_State.OPEN): Task => create(TaskSchema, { id, title, state });
const after = (...actions: ListAction[]): ListState => actions.reduce(listReducer, emptyList);
const titles = ({ items }: ListState) => items.map((item) => item.task.title);

const FAILURE = { text: "No.", fields: {} };
const twoOfMore: ListAction = { type: "loaded", tasks: [task("a"), task("b")], nextPageToken: "next" };

describe("the list", () => {
  it("starts by loading", () => {
    expect(emptyList).toMatchObject({ items: [], loading: "first" });
  });

  it("shows a page and knows whether there is another", () => {
    expect(after(twoOfMore)).toMatchObject({ loading: undefined, nextPageToken: "next" });
    expect(titles(after(twoOfMore))).toEqual(["a", "b"]);
  });

  it("adds further pages, and shows a task that comes with both only once", () => {
    const state = after(
      twoOfMore,
      { type: "load", part: "more" },
      { type: "loaded", tasks: [task("b", "b again"), task("c")], nextPageToken: "" },
    );
    expect(titles(state)).toEqual(["a", "b", "c"]);
    expect(state.nextPageToken).toBe("");
  });

  it("is replaced by a first page", () => {
    const state = after(
      twoOfMore,
      { type: "load", part: "first" },
      { type: "loaded", tasks: [task("c")], nextPageToken: "" },
    );
    expect(titles(state)).toEqual(["c"]);
  });

  it("keeps what it shows when a page does not come, and can go on from there", () => {
    const state = after(twoOfMore, { type: "load", part: "more" }, { type: "loadFailed", failure: FAILURE });
    expect(state).toMatchObject({ loading: undefined, loadFailure: FAILURE, nextPageToken: "next" });
    expect(titles(state)).toEqual(["a", "b"]);
    expect(listReducer(state, { type: "load", part: "more" }).loadFailure).toBeUndefined();
  });

  it("puts a new task first and a changed one where it stands", () => {
    const state = after(twoOfMore, { type: "saved", task: task("c") }, { type: "saved", task: task("b", "B") });
    expect(titles(state)).toEqual(["c", "a", "B"]);
  });

  it("shows a change at once, marked as on its way, and takes it back when it was refused", () => {
    const saving = after(twoOfMore, { type: "saving", task: task("a", "a", Task_State.DONE) });
    expect(saving.items[0]).toMatchObject({ saving: true, task: { state: Task_State.DONE } });
    const refused = listReducer(saving, { type: "saved", task: task("a") });
    expect(refused.items[0]).toMatchObject({ saving: false, task: { state: Task_State.OPEN } });
  });

  it("brings a removed task back to its place", () => {
    const without = after(twoOfMore, { type: "removed", id: "a" });
    expect(titles(without)).toEqual(["b"]);
    expect(titles(listReducer(without, { type: "saved", task: task("a"), index: 0 }))).toEqual(["a", "b"]);
  });
});
