import { describe, expect, it } from "vitest";
import { Recurrence_Basis, Task_Priority } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { draftOf, editOf, finished, moveOf, rebase } from "./draft";
import { task } from "./testing";

const due = { date: { year: 2026, month: 11, day: 21 }, time: { hours: 9 }, timeZone: "Europe/Zurich" };
const base = task("a", { title: "Buy bread", notes: "white", due, listId: "home", etag: "1" });

describe("a task that is edited", () => {
  it("changes nothing when nothing was typed", () => {
    expect(editOf(draftOf(base), base).paths).toEqual([]);
    expect(editOf({ ...draftOf(base), title: " Buy bread " }, base).paths).toEqual([]);
  });

  it("names what was changed and no more, with the version that it replaces", () => {
    const { task, paths } = editOf({ ...draftOf(base), notes: "brown" }, base);
    expect(paths).toEqual(["notes"]);
    expect(task).toMatchObject({ id: "a", etag: "1", notes: "brown" });
  });

  it("keeps time and zone as they are stored when the day is changed", () => {
    const { task, paths } = editOf({ ...draftOf(base), date: "2026-12-01" }, base);
    expect(paths).toEqual(["due"]);
    expect(task.due).toMatchObject({ ...due, date: { year: 2026, month: 12, day: 1 } });
  });

  it("loses its due date and what comes again with its day", () => {
    const weekly = task("a", { due, recurrence: { rrule: "FREQ=WEEKLY", basis: Recurrence_Basis.COMPLETION } });
    const sent = editOf({ ...draftOf(weekly), date: "" }, weekly);
    expect(sent.paths).toEqual(["due", "recurrence"]);
    expect([sent.task.due, sent.task.recurrence]).toEqual([undefined, undefined]);
  });

  it("that changed elsewhere keeps what was typed, and takes the rest", () => {
    const other = task("a", { title: "Buy rolls", notes: "four", listId: "work", etag: "2" });
    const draft = rebase({ ...draftOf(base), title: "Buy brown bread" }, base, other);
    expect(draft).toEqual({ ...draftOf(other), title: "Buy brown bread" });
    expect(editOf(draft, other)).toMatchObject({ paths: ["title"], task: { etag: "2" } });
  });

  it("that changed elsewhere takes a due date whole or not at all", () => {
    const other = task("a", { due: { ...due, time: { hours: 18 } } });
    expect(rebase(draftOf(base), base, other).time).toBe("18:00");
    const touched = rebase({ ...draftOf(base), date: "2026-12-01" }, base, other);
    expect(touched).toMatchObject({ date: "2026-12-01", time: "09:00" });
  });

  it("names what differs from the other version, also when it replaces the one before that", () => {
    const other = task("a", { title: "Buy rolls", notes: "four", listId: "home", etag: "2" });
    const draft = rebase({ ...draftOf(base), title: "Buy brown bread" }, base, other);
    expect(editOf(draft, other, base)).toMatchObject({ paths: ["title"], task: { id: "a", etag: "1" } });
    // Who types again what it was wants that, and not nothing.
    expect(editOf({ ...draft, title: base.title }, other, base)).toMatchObject({ paths: ["title"] });
  });

  it("that is left half typed keeps what a date, a time or a title was, and takes the rest", () => {
    const recurrence = { rrule: "FREQ=WEEKLY", basis: Recurrence_Basis.DUE };
    const weekly = task("a", { title: "Buy bread", notes: "white", due, recurrence });
    const noDay = { ...draftOf(weekly), notes: "brown", date: "", time: "", timeZone: "", rrule: "" };
    expect(editOf(noDay, weekly).paths).toEqual(["notes", "due", "recurrence"]);
    expect(editOf(finished(noDay, weekly, ["date"]), weekly).paths).toEqual(["notes"]);
    expect(finished(noDay, weekly, [])).toEqual(noDay);

    const noTime = { ...draftOf(weekly), title: " ", date: "2026-12-01", time: "", startDate: "2026-11-01" };
    const { task: sent, paths } = editOf(finished(noTime, weekly, ["time", "startDate"]), weekly);
    expect(paths).toEqual(["due"]);
    expect(sent.due).toMatchObject({ ...due, date: { year: 2026, month: 12, day: 1 } });
  });

  it("names each thing that there is to a task by its path", () => {
    const draft = {
      ...draftOf(base),
      priority: Task_Priority.HIGH,
      labels: ["home"],
      startDate: "2026-11-01",
      rrule: "FREQ=DAILY",
      fromDone: true,
    };
    const { task, paths } = editOf(draft, base);
    expect(paths).toEqual(["priority", "labels", "start", "recurrence"]);
    expect(task.recurrence).toMatchObject({ rrule: "FREQ=DAILY", basis: Recurrence_Basis.COMPLETION });
    expect(editOf({ ...draftOf(base), date: "", time: "", timeZone: "" }, base).task.recurrence).toBeUndefined();
  });

  it("goes into another list, under another task, or out of it", () => {
    expect(moveOf(draftOf(base), base)).toBeUndefined();
    expect(moveOf({ ...draftOf(base), listId: "work" }, base)).toEqual({ listId: "work", parentId: "" });
    expect(moveOf({ ...draftOf(base), parentId: "b" }, base)).toEqual({ parentId: "b" });
    const part = task("p", { parentId: "b", listId: "home" });
    expect(moveOf({ ...draftOf(part), parentId: "" }, part)).toEqual({ listId: "home", parentId: "" });
  });
});
