import { describe, expect, it } from "vitest";
import { Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { INBOX, listsOf, openCounts, rowsOf, trashOf, type View } from "./rows";
import { nothingHeld, type Held } from "tandem-client";
import { at, list, task } from "./testing";

const { DONE, CANCELLED } = Task_State;

function holding(tasks: Task[], lists = [list("home")]): Held {
  const store = {
    tasks: new Map(tasks.map((task) => [task.id, task])),
    lists: new Map(lists.map((list) => [list.id, list])),
  };
  return { ...nothingHeld, store, ready: true };
}

const shown = (held: Held, listId = INBOX, view: View = "open", stays: string[] = []) =>
  rowsOf(held, listId, view, new Set(stays)).map(({ task, depth }) => `${"-".repeat(depth)}${task.id}`);

describe("the rows of a list", () => {
  it("come in the person's own order, by rank as bytes and then by id", () => {
    const held = holding([
      task("c", { rank: "a1" }),
      task("b", { rank: "a1" }),
      task("d", { rank: "a" }),
      task("a", { rank: "aZ" }),
    ]);
    expect(shown(held)).toEqual(["d", "b", "c", "a"]);
  });

  it("are those of this list alone, and never from the trash", () => {
    const held = holding([task("a"), task("b", { listId: "home" }), task("c", { deleteTime: at(1) })]);
    expect(shown(held)).toEqual(["a"]);
    expect(shown(held, "home")).toEqual(["b"]);
  });

  it("are without the parts of what went to the trash, also before word of each has come", () => {
    const tasks = [task("a", { deleteTime: at(1) }), task("b", { parentId: "a" }), task("c", { parentId: "b" })];
    const inList = task("d", { listId: "gone" });
    const held = holding([...tasks, inList], [list("gone", { deleteTime: at(1) })]);
    expect(shown(held)).toEqual([]);
    expect(shown(held, "gone")).toEqual([]);
    expect(openCounts(held).size).toBe(0);
  });

  it("have every part under its whole, in order, however they came", () => {
    const held = holding([
      task("a2", { parentId: "a" }),
      task("a1x", { parentId: "a1" }),
      task("b"),
      task("a1", { parentId: "a" }),
      task("a"),
    ]);
    expect(shown(held)).toEqual(["a", "-a1", "--a1x", "-a2", "b"]);
  });

  it("of what is to be done stand by themselves when their whole is done, and say what they are a part of", () => {
    const held = holding([task("a", { state: DONE, title: "Trip" }), task("b", { parentId: "a" })]);
    expect(rowsOf(held, INBOX, "open", new Set())).toMatchObject([{ depth: 0, partOf: "Trip", task: { id: "b" } }]);
  });

  it("of what is done begin with the last, and have what was given up", () => {
    const held = holding([
      task("a", { state: DONE, completeTime: at(1) }),
      task("b", { state: CANCELLED, updateTime: at(2) }),
      task("c", { state: DONE, completeTime: at(3) }),
      task("d"),
    ]);
    expect(shown(held, INBOX, "done")).toEqual(["c", "b", "a"]);
  });

  it("stay where they are when they were just ticked", () => {
    const held = holding([task("a"), task("b", { state: DONE }), task("c")]);
    expect(shown(held, INBOX, "open", ["b"])).toEqual(["a", "b", "c"]);
    expect(shown(held, INBOX, "open", [])).toEqual(["a", "c"]);
    expect(shown(held, "home", "open", ["b"])).toEqual([]);
  });

  it("show a change that is on its way", () => {
    const held = { ...holding([task("a")]), pending: new Map([["a", task("a", { state: DONE })]]) };
    expect(rowsOf(held, INBOX, "open", new Set(["a"]))).toMatchObject([{ saving: true, task: { state: DONE } }]);
    expect(shown(held)).toEqual([]);
  });
});

describe("the lists", () => {
  it("come in the person's own order, without those in the trash", () => {
    const lists = [list("b"), list("a"), list("c", { deleteTime: at(1) })];
    expect(listsOf(holding([], lists).store).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("tell how much is to be done in each", () => {
    const held = holding([
      task("a"),
      task("b", { listId: "home" }),
      task("c", { listId: "home" }),
      task("d", { listId: "home", state: DONE }),
      task("e", { listId: "home", deleteTime: at(1) }),
    ]);
    expect([...openCounts(held)]).toEqual([
      [INBOX, 1],
      ["home", 2],
    ]);
  });
});

describe("the trash", () => {
  it("has what can be brought back on its own, newest first", () => {
    const held = holding(
      [
        task("a", { deleteTime: at(1) }),
        task("b", { deleteTime: at(2) }),
        task("part of b", { parentId: "b", deleteTime: at(2) }),
        task("of a list", { listId: "gone", deleteTime: at(3) }),
        task("kept"),
      ],
      [list("gone", { deleteTime: at(3) }), list("home")],
    );
    const { lists, tasks } = trashOf(held.store);
    expect(lists.map(({ id }) => id)).toEqual(["gone"]);
    expect(tasks.map(({ id }) => id)).toEqual(["b", "a"]);
  });
});
