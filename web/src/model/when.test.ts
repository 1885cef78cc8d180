import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { WhenSchema } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { civilOf, dueWords, whenOf } from "./when";

const ZURICH = "Europe/Zurich";
/** Saturday, 13:30 in Zurich. */
const NOW = new Date("2026-11-21T12:30:00Z");

function when(text: string, timeZone = "") {
  const [date = "", time = ""] = text.split(" ");
  const made = whenOf({ date, time }, timeZone, undefined);
  if (made === undefined) throw new Error("a date is needed");
  return made;
}
const words = (text: string, timeZone = "", now = NOW, zone = ZURICH) => dueWords(when(text, timeZone), now, zone);

describe("due dates in words", () => {
  it.each([
    ["2026-11-21", "Due today", "today"],
    ["2026-11-22", "Due tomorrow", "later"],
    ["2026-11-23", "Due Monday", "later"],
    ["2026-11-27", "Due Friday", "later"],
    ["2026-11-28", "Due Nov 28", "later"],
    ["2027-01-02", "Due Jan 2, 2027", "later"],
    ["2026-11-20", "Overdue since yesterday", "late"],
    ["2026-11-15", "Overdue since Nov 15", "late"],
    ["2025-12-31", "Overdue since Dec 31, 2025", "late"],
    ["2026-11-21 13:30", "Due today, 13:30", "today"],
    ["2026-11-21 13:29", "Overdue since today, 13:29", "late"],
    ["2026-11-22 09:05", "Due tomorrow, 09:05", "later"],
  ])("%s is: %s", (due, expected, tone) => {
    expect(words(due)).toEqual({ words: expected, tone, stored: undefined });
  });

  it("are told from where the browser is: the same moment is another day elsewhere", () => {
    const late = new Date("2026-11-21T23:30:00Z");
    expect(words("2026-11-22", "", late, ZURICH).words).toBe("Due today");
    expect(words("2026-11-22", "", late, "America/New_York").words).toBe("Due tomorrow");
    expect(words("2026-11-22", "", late, "Pacific/Kiritimati").words).toBe("Due today");
  });

  it("of another zone are said in this one, with what is stored", () => {
    expect(words("2026-11-21 19:00", "America/New_York")).toEqual({
      words: "Due tomorrow, 01:00",
      tone: "later",
      stored: "Nov 21, 2026, 19:00, America/New_York",
    });
    expect(words("2026-11-21 20:00", "Asia/Tokyo").words).toBe("Overdue since today, 12:00");
  });

  it("of the browser's own zone need no conversion", () => {
    expect(words("2026-11-21 14:00", ZURICH)).toEqual({ words: "Due today, 14:00", tone: "today", stored: undefined });
  });

  it("hold on both sides of a change of clocks", () => {
    const now = new Date("2026-10-20T12:00:00Z");
    expect(words("2026-10-24 12:00", ZURICH, now, "UTC").words).toBe("Due Saturday, 10:00");
    expect(words("2026-10-25 12:00", ZURICH, now, "UTC").words).toBe("Due Sunday, 11:00");
    // 02:30 does not exist in Zurich on 29 March 2026: the clocks go from 02:00 to 03:00.
    const spring = new Date("2026-03-28T12:00:00Z");
    expect(words("2026-03-29 02:30", ZURICH, spring, "UTC").words).toBe("Due tomorrow, 01:30");
  });

  it("of a zone that this browser does not know stay as they are stored", () => {
    expect(words("2026-11-21 14:00", "Mars/Olympus_Mons").words).toBe("Due today, 14:00");
  });
});

describe("due dates in a form", () => {
  it("come and go unchanged", () => {
    const due = when("0999-02-03 04:05", ZURICH);
    expect(civilOf(due)).toEqual({ date: "0999-02-03", time: "04:05" });
    expect(whenOf(civilOf(due), due.timeZone, due)).toEqual(due);
    expect(civilOf(undefined)).toEqual({ date: "", time: "" });
  });

  it("without a day are none, and without a time are all day", () => {
    expect(whenOf({ date: "", time: "10:00" }, "", undefined)).toBeUndefined();
    expect(whenOf({ date: "2026-11-21", time: "" }, "", undefined)?.time).toBeUndefined();
  });

  it("keep seconds that a form does not show, unless the time is changed", () => {
    const due = create(WhenSchema, { date: { year: 2026, month: 11, day: 21 }, time: { hours: 9, seconds: 30 } });
    expect(whenOf({ date: "2026-11-22", time: "09:00" }, "", due)?.time).toMatchObject({ hours: 9, seconds: 30 });
    expect(whenOf({ date: "2026-11-22", time: "09:01" }, "", due)?.time).toMatchObject({ minutes: 1, seconds: 0 });
  });
});
