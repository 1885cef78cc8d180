import { describe, expect, it } from "vitest";
import { Task_Priority, Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { nothingHeld, type Held } from "tandem-client";
import { at, list, task } from "./testing";
import { dueCount, foundRows, labelled, labelsOf, parentsFor, todayOf, upcomingOf, type Section } from "./views";

/** Saturday, 13:30 in Zurich. */
const PRESENT = { now: new Date("2026-11-21T12:30:00Z"), zone: "Europe/Zurich", today: "2026-11-21" };
const NONE: ReadonlySet<string> = new Set();
const WORDS = { late: "Late", today: "Now", day: (date: string) => date, month: (date: string) => date.slice(0, 7) };

function due(text: string, timeZone = "") {
  const [date = "", time] = text.split(" ");
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const [hours = 0, minutes = 0] = (time ?? "").split(":").map(Number);
  return { due: { date: { year, month, day }, ...(time !== undefined && { time: { hours, minutes } }), timeZone } };
}

function holding(...tasks: Task[]): Held {
  const store = {
    tasks: new Map(tasks.map((task) => [task.id, task])),
    lists: new Map([list("home"), list("gone", { deleteTime: at(1) })].map((list) => [list.id, list])),
  };
  return { ...nothingHeld, store, ready: true };
}

const shown = (sections: readonly Section[]) =>
  sections.map(({ title, rows }) => [title, ...rows.map(({ task }) => task.id)]);

describe("today", () => {
  const held = holding(
    task("evening", due("2026-11-21 20:00")),
    task("urgent", { ...due("2026-11-21"), priority: Task_Priority.URGENT }),
    task("all day", due("2026-11-21")),
    task("late", { ...due("2026-11-20"), listId: "home" }),
    task("tomorrow", due("2026-11-22")),
    task("some day"),
    task("done", { ...due("2026-11-21"), state: Task_State.DONE }),
    task("trashed", { ...due("2026-11-21"), deleteTime: at(1) }),
    task("of a list in the trash", { ...due("2026-11-21"), listId: "gone" }),
  );

  it("has what was due before, and then the day in its order, what matters most first", () => {
    expect(shown(todayOf(held, PRESENT, NONE, WORDS))).toEqual([
      ["Late", "late"],
      ["Now", "urgent", "all day", "evening"],
    ]);
    expect(todayOf(held, PRESENT, NONE, WORDS)[0]?.rows[0]?.inList).toBe("home");
    expect(dueCount(held, PRESENT)).toBe(4);
  });

  it("keeps what was just ticked", () => {
    expect(shown(todayOf(held, PRESENT, new Set(["done"]), WORDS))[1]).toContain("done");
  });

  it("is told where the person is: the same moment is another day elsewhere", () => {
    const abroad = holding(task("call", due("2026-11-21 20:00", "America/New_York")));
    expect(shown(todayOf(abroad, PRESENT, NONE, WORDS))).toEqual([]);
    expect(shown(upcomingOf(abroad, PRESENT, NONE, WORDS))).toEqual([["2026-11-22", "call"]]);
  });
});

it("upcoming has a section for each of seven days and then for each month", () => {
  const held = holding(
    task("next year", due("2027-01-05")),
    task("in a week", due("2026-11-28")),
    task("later", due("2026-11-29")),
    task("tomorrow", due("2026-11-22")),
    task("today", due("2026-11-21")),
  );
  expect(shown(upcomingOf(held, PRESENT, NONE, WORDS))).toEqual([
    ["2026-11-22", "tomorrow"],
    ["2026-11-28", "in a week"],
    ["2026-11", "later"],
    ["2027-01", "next year"],
  ]);
});

it("a label has its open tasks by due date, and is counted by them", () => {
  const held = holding(
    task("a", { labels: ["home"] }),
    task("b", { labels: ["home", "shop"], ...due("2026-12-01") }),
    task("c", { labels: ["home"], state: Task_State.DONE }),
    task("d", { labels: ["gone"], deleteTime: at(1) }),
  );
  expect(labelled(held, "home", "UTC", NONE)[0]?.rows.map(({ task }) => task.id)).toEqual(["b", "a"]);
  expect([...labelsOf(held)]).toEqual([
    ["home", 2],
    ["shop", 1],
  ]);
});

it("what was found is shown as it is now, and not when it went to the trash", () => {
  const held = holding(task("a", { title: "new" }), task("b", { deleteTime: at(1) }));
  expect(foundRows(held, [task("a", { title: "old" }), task("b"), task("c")]).map(({ task }) => task.title)).toEqual(["new", "c"]);
});

it("a task is no part of itself, of what is below it, or of what is elsewhere", () => {
  const held = holding(
    task("a"),
    task("b", { parentId: "a" }),
    task("c", { parentId: "b" }),
    task("d"),
    task("e", { listId: "home" }),
    task("f", { state: Task_State.DONE }),
  );
  expect(parentsFor(held, "b", "").map(({ id }) => id)).toEqual(["a", "d"]);
});
