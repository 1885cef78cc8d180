import { Task_State } from "./gen/tandem/tasks/v1/task_pb.js";
import { describe, expect, it } from "vitest";
import { heldReducer, nothingHeld, type Held, type HeldAction, type Update } from "./store.js";
import { at, list, task } from "./testing.js";

const after = (...actions: HeldAction[]): Held => actions.reduce(heldReducer, nothingHeld);
const arrived = (...updates: Update[]): HeldAction => ({ type: "arrived", updates });
const ofTask = (...args: Parameters<typeof task>): Update => ({ kind: "task", task: task(...args) });
const ofList = (...args: Parameters<typeof list>): Update => ({ kind: "list", list: list(...args) });
const titles = ({ store }: Held) => [...store.tasks.values()].map(({ title }) => title);

const restart: HeldAction = { type: "restart" };
const whole: HeldAction = { type: "whole" };
const oneTask = [restart, arrived(ofList("home"), ofTask("a", { updateTime: at(10) })), whole];

describe("what this page holds", () => {
  it("is not ready before everything that exists has arrived", () => {
    expect(after(restart, arrived(ofTask("a"))).ready).toBe(false);
    const held = after(...oneTask);
    expect(held.ready).toBe(true);
    expect(titles(held)).toEqual(["a"]);
    expect([...held.store.lists.keys()]).toEqual(["home"]);
  });

  it("takes each object as it came last", () => {
    expect(titles(after(...oneTask, arrived(ofTask("a", { title: "A" }), ofTask("b"))))).toEqual(["A", "b"]);
    expect(titles(after(...oneTask, arrived(ofTask("a", { title: "A" }), ofTask("a", { title: "B" }))))).toEqual(["B"]);
  });

  it("drops what was removed for good, and nothing else", () => {
    const held = after(...oneTask, arrived(ofTask("b"), { kind: "removed", id: "a" }, { kind: "removed", id: "home" }));
    expect(titles(held)).toEqual(["b"]);
    expect(held.store.lists.size).toBe(0);
    expect(titles(after(...oneTask, arrived({ kind: "removed", id: "unknown" })))).toEqual(["a"]);
  });

  it("shows the old copy until a new one is whole, and then no rest of the old one", () => {
    const during = after(...oneTask, restart, arrived(ofTask("b")));
    expect(titles(during)).toEqual(["a"]);
    expect(during.ready).toBe(true);
    expect(titles(heldReducer(during, whole))).toEqual(["b"]);
  });

  it("begins a new copy from nothing when the last one did not become whole", () => {
    expect(titles(after(restart, arrived(ofTask("a")), restart, arrived(ofTask("b")), whole))).toEqual(["b"]);
  });

  it("shows a change at once as on its way, and takes it back when it was refused", () => {
    const saving = after(...oneTask, { type: "saving", task: task("a", { state: Task_State.DONE }) });
    expect(saving.pending.get("a")?.state).toBe(Task_State.DONE);
    expect(saving.store.tasks.get("a")?.state).toBe(Task_State.OPEN);
    const refused = heldReducer(saving, { type: "settled", id: "a", updates: [] });
    expect(refused.pending.size).toBe(0);
    expect(refused.store.tasks.get("a")?.state).toBe(Task_State.OPEN);
  });

  it("takes the answer to a change, and not one that the feed has overtaken", () => {
    const answer = (seconds: number): HeldAction => ({
      type: "settled",
      id: "a",
      updates: [ofTask("a", { title: "answered", updateTime: at(seconds) })],
    });
    expect(titles(after(...oneTask, answer(10)))).toEqual(["answered"]);
    expect(titles(after(...oneTask, answer(11)))).toEqual(["answered"]);
    expect(titles(after(...oneTask, answer(9)))).toEqual(["a"]);
  });

  it("believes the feed whatever the clocks said", () => {
    expect(titles(after(...oneTask, arrived(ofTask("a", { title: "A", updateTime: at(1) }))))).toEqual(["A"]);
  });
});
