import { describe, expect, it } from "vitest";
import { readQuick } from "./quick";

/** A Saturday. */
const TODAY = "2026-11-21";
const LISTS = [
  { id: "h", title: "Household" },
  { id: "p", title: "Big project" },
];
const read = (text: string, plain: string[] = [], time = "13:30") =>
  readQuick(text, { today: TODAY, time, lists: LISTS, plain: new Set(plain) });

describe("the box for a new task", () => {
  it("understands all at once", () => {
    expect(read("pay rent every 1st at 9:00 #home !high")).toMatchObject({
      title: "pay rent",
      date: "2026-12-01",
      time: "09:00",
      rrule: "FREQ=MONTHLY;BYMONTHDAY=1",
      labels: ["home"],
      priority: "HIGH",
    });
  });

  it.each([
    ["call Bob today", "2026-11-21"],
    ["call Bob tomorrow", "2026-11-22"],
    ["call Bob in 3 days", "2026-11-24"],
    ["call Bob in a week", "2026-11-28"],
    ["call Bob in two months", "2027-01-21"],
    ["call Bob next week", "2026-11-28"],
    ["call Bob next month", "2026-12-21"],
    ["call Bob next friday", "2026-11-27"],
    ["call Bob fri", "2026-11-27"],
    ["call Bob on Saturday", "2026-11-28"],
    ["call Bob by monday", "2026-11-23"],
    ["Monday call Bob", "2026-11-23"],
    ["call Bob 2026-12-01", "2026-12-01"],
    ["call Bob 1 dec", "2026-12-01"],
    ["call Bob Dec 1st", "2026-12-01"],
    ["call Bob 1 March 2028", "2028-03-01"],
    ["call Bob Nov 20", "2027-11-20"],
    ["call Bob on the 5th", "2026-12-05"],
  ])("finds the day in: %s", (text, date) => {
    expect(read(text)).toMatchObject({ title: "call Bob", date, time: "", rrule: "" });
  });

  it.each([
    ["call Bob fri 14:00", "2026-11-27", "14:00"],
    ["call Bob 14:00", "2026-11-21", "14:00"],
    ["call Bob 9:00", "2026-11-22", "09:00"],
    ["call Bob tomorrow at 9", "2026-11-22", "09:00"],
    ["call Bob tomorrow 9am", "2026-11-22", "09:00"],
    ["call Bob today at 9:30 pm", "2026-11-21", "21:30"],
    ["call Bob at noon", "2026-11-22", "12:00"],
    ["call Bob at 12am tomorrow", "2026-11-22", "00:00"],
  ])("finds the time in: %s", (text, date, time) => {
    expect(read(text)).toMatchObject({ title: "call Bob", date, time });
  });

  it.each([
    ["water plants every day", "FREQ=DAILY", "2026-11-21"],
    ["water plants daily", "FREQ=DAILY", "2026-11-21"],
    ["water plants every 3 days", "FREQ=DAILY;INTERVAL=3", "2026-11-21"],
    ["water plants every other week", "FREQ=WEEKLY;INTERVAL=2", "2026-11-21"],
    ["water plants every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"],
    ["water plants every mon", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23"],
    ["water plants every mon, thu", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23"],
    ["water plants every mon,thu", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23"],
    ["water plants every Monday and Thursday", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23"],
    ["water plants every other tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24"],
    ["water plants every 31st", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31"],
    ["water plants every last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"],
    ["water plants every last friday", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"],
    ["water plants every 1st monday", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07"],
    ["water plants every year", "FREQ=YEARLY", "2026-11-21"],
    ["water plants every week on fri", "FREQ=WEEKLY", "2026-11-27"],
  ])("finds the repetition in: %s", (text, rrule, date) => {
    expect(read(text)).toMatchObject({ title: "water plants", rrule, date, fromDone: false });
  });

  it("counts from the day it is done where an exclamation mark says so", () => {
    expect(read("water plants every! 3 days")).toMatchObject({ rrule: "FREQ=DAILY;INTERVAL=3", fromDone: true });
  });

  it("begins at the next chance when the time is over today", () => {
    expect(read("stretch every day at 8:00").date).toBe("2026-11-22");
    expect(read("stretch every day at 18:00").date).toBe("2026-11-21");
  });

  it("puts a task into a list that exists, by its name", () => {
    expect(read("sweep @household")).toMatchObject({ title: "sweep", listId: "h" });
    expect(read("plan @big-project")).toMatchObject({ title: "plan", listId: "p" });
    expect(read("ask @bob")).toMatchObject({ title: "ask @bob", listId: undefined });
  });

  it.each([
    "Read the contract again before Thursday, and write",
    "The cat sat on the mat",
    "Fix bug #12",
    "Write the weekly report",
    "Ask what may happen",
    "Task 102",
    "Buy 3 apples",
    "mail bob@example.org",
    "wow!",
    "read every page",
    "call 2026-13-45",
    "javascript:alert(3)",
    "<img src=x onerror=alert(1)>",
  ])("leaves alone what means something else: %s", (text) => {
    expect(read(text)).toMatchObject({ title: text, pieces: [], date: "", time: "", rrule: "" });
  });

  it("takes the first of two, and the rest stays in the title", () => {
    expect(read("move tomorrow to friday !low !high")).toMatchObject({
      title: "move to friday !high",
      date: "2026-11-22",
      priority: "LOW",
    });
    expect(read("x #a #b").labels).toEqual(["a", "b"]);
  });

  it("takes words back that were meant as words", () => {
    const { title, date, pieces } = read("Monday blues #music", ["Monday"]);
    expect([title, date, pieces.map(({ words }) => words)]).toEqual(["Monday blues", "", ["#music"]]);
  });

  it("keeps a title, whatever is understood", () => {
    expect(read("tomorrow")).toMatchObject({ title: "tomorrow", date: "", pieces: [] });
    expect(read("  ")).toMatchObject({ title: "", pieces: [] });
  });
});
