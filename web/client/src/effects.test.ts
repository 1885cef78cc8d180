import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { REQUESTS, type Edit, type Method } from "./edits.js";
import { withEdit } from "./effects.js";
import { Task_State } from "./gen/tandem/tasks/v1/task_pb.js";
import { between, LAST } from "./rank.js";
import { apply, emptyStore, type Store } from "./store.js";
import { at, list, task } from "./testing.js";

const edit = (method: Method, request: object) =>
  ({ method, request: create(REQUESTS[method], request as never) }) as Edit;
const done = (store: Store, ...edits: Edit[]) => edits.reduce((store, edit) => withEdit(store, edit, 1_000), store);
const of = (...tasks: ReturnType<typeof task>[]) =>
  apply(emptyStore, [{ kind: "list", list: list("home") }, ...tasks.map((task) => ({ kind: "task" as const, task }))]);
const order = ({ tasks }: Store) =>
  [...tasks.values()]
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id);

describe("what an unsent edit shows", () => {
  it("a new task stands last, and in its parent's list", () => {
    const part = (taskId: string) => edit("createTask", { taskId, task: { title: "B", parentId: "a" } });
    const made = done(of(task("a", { listId: "home" })), part("z"), part("b"));
    expect(made.tasks.get("b")).toMatchObject({ title: "B", listId: "home", state: Task_State.OPEN });
    expect(order(made).filter((id) => id !== "a")).toEqual(["z", "b"]);
  });

  it("an update touches the fields of its mask and no other", () => {
    const store = of(task("a", { title: "A", notes: "n", due: { date: { year: 2026 } } }));
    const request = { task: { id: "a", title: "B", notes: "" }, updateMask: { paths: ["title", "due"] } };
    expect(done(store, edit("updateTask", request)).tasks.get("a")).toMatchObject({ title: "B", notes: "n" });
    expect(done(store, edit("updateTask", request)).tasks.get("a")?.due).toBeUndefined();
  });

  it("moves keep their order, however many there are", () => {
    const store = of(task("a"), task("b"), task("c"), task("d"));
    const move = (id: string, position: object) => edit("moveTask", { id, position });
    expect(order(done(store, move("d", { case: "first", value: true })))).toEqual(["d", "a", "b", "c"]);
    expect(
      order(done(store, move("a", { case: "afterId", value: "c" }), move("b", { case: "afterId", value: "c" }))),
    ).toEqual(["c", "b", "a", "d"]);
    expect(
      order(done(store, move("d", { case: "beforeId", value: "b" }), move("c", { case: "beforeId", value: "b" }))),
    ).toEqual(["a", "d", "c", "b"]);
    expect(order(done(store, move("a", { case: "last", value: true }), move("b", { case: undefined })))).toEqual([
      "c",
      "d",
      "a",
      "b",
    ]);
  });

  it("parts go along with the whole", () => {
    const store = of(task("a"), task("b", { parentId: "a" }), task("c", { parentId: "b" }));
    const moved = done(store, edit("moveTask", { id: "a", listId: "home" }));
    expect([...moved.tasks.values()].map(({ listId }) => listId)).toEqual(["home", "home", "home"]);
  });

  it("what one deletion took comes back, and nothing that was deleted before", () => {
    const gone = of(
      task("a", { deleteTime: at(5) }),
      task("b", { parentId: "a", deleteTime: at(5) }),
      task("c", { parentId: "a", deleteTime: at(3) }),
    );
    const back = done(gone, edit("undeleteTask", { id: "a" }));
    expect([...back.tasks.values()].filter(({ deleteTime }) => deleteTime === undefined).map(({ id }) => id)).toEqual([
      "a",
      "b",
    ]);
  });

  it("an edit of what is not there does nothing", () => {
    for (const method of Object.keys(REQUESTS) as Method[]) {
      if (method === "createTask" || method === "createList") continue;
      expect(done(emptyStore, edit(method, { id: "x" }))).toEqual(emptyStore);
    }
  });
});

describe("a guessed rank", () => {
  it.each([
    ["", LAST],
    ["", "0"],
    ["0", "1"],
    ["0", "00"],
    ["a", "aV"],
    ["Zz", ""],
    ["~", ""],
  ])("stands between %j and %j, again and again on either side", (low, high) => {
    let [from, to] = [low, high];
    for (let step = 0; step < 30; step += 1) {
      const made = between(from, to);
      expect(made > from && (to === "" || made < to), JSON.stringify([from, made, to])).toBe(true);
      if (step % 3 === 0) from = made;
      else to = made;
    }
  });
});
