// The first day of a rule that was typed. The service finds all that come after it. Pure.

import { addDays, addMonths, civilDate, daysInMonth, weekdayFrom, weekdayOf } from "./civil";
import { WEEKDAYS, type Rule } from "./rule";

/** On or after `from`. */
export function firstOf({ frequency, weekdays, monthDay }: Rule, from: string): string {
  if (frequency === "WEEKLY" && weekdays.length > 0) {
    const on = new Set(weekdays.map((day) => WEEKDAYS.indexOf(day)));
    for (let days = 0; days < 7; days += 1) {
      if (on.has(weekdayOf(addDays(from, days)))) return addDays(from, days);
    }
  }
  if (frequency !== "MONTHLY" || monthDay.kind === "due") return from;
  const first = `${from.slice(0, 7)}-01`;
  // Some day of every month comes within a year.
  for (let months = 0; months <= 12; months += 1) {
    const date = dayIn(addMonths(first, months), monthDay);
    if (date !== undefined && date >= from) return date;
  }
  return from;
}

function dayIn(first: string, day: Exclude<Rule["monthDay"], { kind: "due" }>): string | undefined {
  const [year = 0, month = 0] = first.split("-").map(Number);
  const length = daysInMonth(year, month);
  if (day.kind === "day") return civilDate(year, month, day.day === -1 ? length : day.day);
  const weekday = WEEKDAYS.indexOf(day.weekday);
  if (day.nth > 0) {
    const date = addDays(weekdayFrom(first, weekday), 7 * (day.nth - 1));
    return date.slice(0, 7) === first.slice(0, 7) ? date : undefined;
  }
  const last = addDays(first, length - 1);
  return addDays(last, -((weekdayOf(last) - weekday + 7) % 7));
}
