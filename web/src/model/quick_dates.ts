// Days, times and repetitions in what was typed into the box for a new task. Each reader looks at the words from `at`
// on, and says what it understood and how many words that took. Pure.

import { ordinal } from "../text/rules";
import { quickWords as say } from "../text/quick";
import { addDays, addMonths, civilDate, weekdayFrom, weekdayOf } from "./civil";
import type { Understood, Word } from "./quick";
import { ruleOf, WEEKDAYS, WORKDAYS, type Frequency, type Rule, type Weekday } from "./rule";

export interface Read<T> {
  readonly is: readonly T[];
  /** In words. */
  readonly length: number;
}

type Reader = (words: readonly Word[], at: number) => Read<Understood> | undefined;

const FREQUENCY: Readonly<Record<string, Frequency>> = { day: "DAILY", week: "WEEKLY", month: "MONTHLY", year: "YEARLY" };
const word = (words: readonly Word[], at: number) => words[at]?.word ?? "";

/** "every 2 weeks", "every mon and thu", "every 1st", "daily". */
export const readEvery: Reader = (words, at) => {
  const always = say.always[word(words, at)];
  const found = (rule: Rule, length: number, fromDone = false): Read<Understood> => ({
    is: [{ kind: "rule", rule, fromDone }],
    length,
  });
  // A word such as "weekly" is often part of a title: it counts only at the end.
  if (always !== undefined && endsAt(words, at + 1)) return found(ruleOf(FREQUENCY[always] ?? "DAILY"), 1);
  const fromDone = word(words, at) === say.everyDone;
  if (word(words, at) !== say.every && !fromDone) return undefined;
  const next = word(words, at + 1);
  if (say.weekday.includes(next.replace(/s$/, ""))) return found(ruleOf("WEEKLY", { weekdays: WORKDAYS }), 2, fromDone);
  const interval = next === say.other ? 2 : (numberOf(next) ?? 1);
  const skipped = next === say.other || numberOf(next) !== undefined ? 1 : 0;
  const unit = say.units[word(words, at + 1 + skipped)];
  if (unit !== undefined && interval >= 1) {
    return found(ruleOf(FREQUENCY[unit] ?? "DAILY", { interval }), 2 + skipped, fromDone);
  }
  const monthly = readMonthDay(words, at + 1);
  if (monthly !== undefined) return found(ruleOf("MONTHLY", { monthDay: monthly.day }), 1 + monthly.length, fromDone);
  const days = readWeekdays(words, at + 1 + (next === say.other ? 1 : 0));
  if (days === undefined) return undefined;
  const every = next === say.other ? 2 : 1;
  return found(ruleOf("WEEKLY", { weekdays: days.days, interval: every }), every + days.length, fromDone);
};

function readMonthDay(words: readonly Word[], at: number): { day: Rule["monthDay"]; length: number } | undefined {
  const last = word(words, at) === say.last;
  const nth = last ? -1 : nthOf(word(words, at));
  if (nth === undefined) return undefined;
  const weekday = weekdayNumber(word(words, at + 1));
  if (weekday !== undefined && nth <= 5) {
    return { day: { kind: "weekday", nth, weekday: WEEKDAYS[weekday] ?? "MO" }, length: 2 };
  }
  if (!last) return { day: { kind: "day", day: nth }, length: 1 };
  return say.units[word(words, at + 1)] === "day" ? { day: { kind: "day", day: -1 }, length: 2 } : undefined;
}

function readWeekdays(words: readonly Word[], at: number): { days: Weekday[]; length: number } | undefined {
  const days: Weekday[] = [];
  let length = 0;
  for (let next = at; ; ) {
    // "mon,thu" is one word as it is typed.
    const numbers = word(words, next).split(/[,/]/).map(weekdayNumber);
    if (numbers.some((number) => number === undefined)) break;
    days.push(...numbers.flatMap((number) => WEEKDAYS[number ?? 0] ?? []));
    length = next + 1 - at;
    next += say.and.includes(word(words, next + 1)) ? 2 : 1;
  }
  return days.length > 0 ? { days, length } : undefined;
}

/** "tomorrow", "fri 14:00", "in 3 days", "next week", "2026-12-01", "1 dec", "on the 5th". */
export function readDate(words: readonly Word[], at: number, today: string): Read<Understood> | undefined {
  const lead = say.on.includes(word(words, at)) ? 1 : 0;
  const read = readDay(words, at + lead, today, lead > 0);
  return read && { is: [{ kind: "date", date: read.date }], length: lead + read.length };
}

interface Day {
  readonly date: string;
  readonly length: number;
}

function readDay(words: readonly Word[], at: number, today: string, led: boolean): Day | undefined {
  const first = word(words, at);
  const second = word(words, at + 1);
  if (say.today.includes(first)) return { date: today, length: 1 };
  if (say.tomorrow.includes(first)) return { date: addDays(today, 1), length: 1 };
  if (first === say.in) {
    const unit = say.units[word(words, at + 2)];
    const count = say.a.includes(second) ? 1 : numberOf(second);
    return unit && count !== undefined ? { date: later(today, count, unit), length: 3 } : undefined;
  }
  if (first === say.next) {
    const weekday = weekdayNumber(second);
    if (weekday !== undefined) return { date: addDays(today, 7 - weekdayOf(today) + weekday), length: 2 };
    const unit = say.units[second];
    return unit && unit === second ? { date: later(today, 1, unit), length: 2 } : undefined;
  }
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(first) ?? [];
  if (year !== undefined) return whole(civilDate(Number(year), Number(month), Number(day)), 1);
  const weekday = weekdayNumber(first);
  if (weekday !== undefined) {
    // "sat" and "sun" are also other words: short ones count where a due date is to be expected.
    const short = say.shortWeekdays.includes(first);
    if (short && !led && !endsAt(words, at + 1) && readTime(words, at + 1) === undefined) return undefined;
    return { date: weekdayFrom(addDays(today, 1), weekday), length: 1 };
  }
  if (led && first === say.the) {
    const nth = nthOf(second);
    return nth === undefined ? undefined : whole(nextOn(today, nth), 2);
  }
  return readMonth(words, at, today);
}

/** "1 dec", "dec 1st", "1 december 2027". */
function readMonth(words: readonly Word[], at: number, today: string): Day | undefined {
  const [first, second] = [word(words, at), word(words, at + 1)];
  const month = monthNumber(first) ?? monthNumber(second);
  const day = monthNumber(first) === undefined ? dayNumberOf(first) : dayNumberOf(second);
  if (month === undefined || day === undefined) return undefined;
  const year = /^\d{4}$/.exec(word(words, at + 2))?.[0];
  if (year !== undefined) return whole(civilDate(Number(year), month, day), 3);
  const thisYear = civilDate(Number(today.slice(0, 4)), month, day);
  const date = thisYear !== undefined && thisYear >= today ? thisYear : civilDate(Number(today.slice(0, 4)) + 1, month, day);
  return whole(date, 2);
}

/** "14:00", "at 9", "9am", "at 9:30 pm", "at noon". */
export const readTime: Reader = (words, at) => {
  const led = word(words, at) === say.at;
  const from = led ? at + 1 : at;
  const found = (hours: number, minutes: number, length: number): Read<Understood> | undefined =>
    hours < 24 && minutes < 60
      ? { is: [{ kind: "time", time: [hours, minutes].map((n) => String(n).padStart(2, "0")).join(":") }], length }
      : undefined;
  if (led && word(words, from) === say.noon) return found(12, 0, 2);
  if (led && word(words, from) === say.midnight) return found(0, 0, 2);
  const [, hours, minutes, glued] = /^(\d{1,2})(?:[:.h](\d{2}))?(am|pm)?$/.exec(word(words, from)) ?? [];
  if (hours === undefined) return undefined;
  const apart = /^(am|pm)$/.exec(word(words, from + 1))?.[0];
  const half = glued ?? apart;
  // A number alone is a time only where somebody says so.
  if (minutes === undefined && half === undefined && !led) return undefined;
  if (half !== undefined && (Number(hours) < 1 || Number(hours) > 12)) return undefined;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === "pm" ? 12 : 0);
  return found(hour, Number(minutes ?? 0), (led ? 2 : 1) + (glued === undefined && apart !== undefined ? 1 : 0));
};

/** Whether nothing follows but marks, times and days. */
function endsAt(words: readonly Word[], at: number): boolean {
  return words.slice(at).every(({ typed }) => /^[#!@]|^\d|^at$/i.test(typed));
}

function later(today: string, count: number, unit: string): string {
  if (unit === "month" || unit === "year") return addMonths(today, unit === "year" ? count * 12 : count);
  return addDays(today, unit === "week" ? count * 7 : count);
}

function nextOn(today: string, day: number): string | undefined {
  for (let months = 0; months <= 12; months += 1) {
    const [year = 0, month = 0] = addMonths(`${today.slice(0, 7)}-01`, months).split("-").map(Number);
    const date = civilDate(year, month, day);
    if (date !== undefined && date >= today) return date;
  }
  return undefined;
}

const whole = (date: string | undefined, length: number): Day | undefined => (date === undefined ? undefined : { date, length });

function numberOf(text: string): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const spelled = say.numbers.indexOf(text);
  return spelled > 0 ? spelled : undefined;
}

/** "1st", "22nd". */
function nthOf(text: string): number | undefined {
  const day = Number(/^\d{1,2}(?=[a-z]{2}$)/.exec(text)?.[0]);
  return day >= 1 && day <= 31 && ordinal(day) === text ? day : undefined;
}

const dayNumberOf = (text: string): number | undefined => nthOf(text) ?? (/^\d{1,2}$/.test(text) ? Number(text) : undefined);

function weekdayNumber(text: string): number | undefined {
  const number = Math.max(
    say.weekdays.indexOf(text.replace(/(day)s$/, "$1")),
    say.shortWeekdays.indexOf(text),
  );
  return number >= 0 ? number : undefined;
}

function monthNumber(text: string): number | undefined {
  if (text.length < 3) return undefined;
  const number = say.months.findIndex((name) => name === text || name.slice(0, 3) === text || (text === "sept" && name === "september"));
  return number >= 0 ? number + 1 : undefined;
}
