// Due dates as people say them and as a form holds them. A due date is civil: date, time and zone stay as they are
// stored, and only the words about them are told from where the browser is.

import { create } from "@bufbuild/protobuf";
import { DateSchema, type Date as CivilDate } from "tandem-client/gen/google/type/date_pb";
import { TimeOfDaySchema, type TimeOfDay } from "tandem-client/gen/google/type/timeofday_pb";
import { WhenSchema, type When } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { LANGUAGE, text } from "../text";

/** As date and time inputs write them: `2026-11-21` and `18:05`; empty when there is none. */
export interface Civil {
  readonly date: string;
  readonly time: string;
}

export interface DueWords {
  readonly words: string;
  readonly tone: "late" | "today" | "later";
  /** As it is stored, when that is another zone's time than the words. */
  readonly stored: string | undefined;
}

const DAY_MILLIS = 86_400_000;

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function civilOf(when: When | undefined): Civil {
  return { date: dateText(when?.date), time: timeText(when?.time) };
}

/** What a form says, as the wire has it. Seconds that the form cannot show stay when the time was not touched. */
export function whenOf({ date, time }: Civil, timeZone: string, before: When | undefined): When | undefined {
  if (date === "") return undefined;
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const kept = before?.time !== undefined && timeText(before.time) === time ? before.time : undefined;
  return create(WhenSchema, {
    date: create(DateSchema, { year, month, day }),
    ...(time !== "" && { time: kept ?? create(TimeOfDaySchema, { hours, minutes }) }),
    timeZone,
  });
}

/** What the clocks of `zone` show when it is due. */
export function dueAt(when: When, zone: string): Civil & { readonly converted: boolean } {
  const stored = civilOf(when);
  const instant = stored.time !== "" && when.timeZone !== zone ? instantOf(stored, when.timeZone) : undefined;
  return { ...(instant === undefined ? stored : civilAt(instant, zone)), converted: instant !== undefined };
}

/** Told from `zone` at `now`: a time of another zone is said in this one. */
export function dueWords(when: When, now: Date, zone: string): DueWords {
  const stored = civilOf(when);
  const due = dueAt(when, zone);
  const present = civilAt(now, zone);
  const days = (dayNumber(due.date) - dayNumber(present.date)) / DAY_MILLIS;
  const late = days < 0 || (days === 0 && due.time !== "" && due.time < present.time);
  const day = [dayWords(due.date, days, present.date), due.time].filter(Boolean).join(", ");
  return {
    words: late ? text.overdue(day) : text.due(day),
    tone: late ? "late" : days === 0 ? "today" : "later",
    stored: due.converted ? [longDate(stored.date), stored.time, when.timeZone].join(", ") : undefined,
  };
}

/** A day as a heading: "Tomorrow", "Wednesday, Nov 25". */
export function dayTitle(date: string, today: string): string {
  if ((dayNumber(date) - dayNumber(today)) / DAY_MILLIS === 1) return text.tomorrowTitle;
  return format(date, { weekday: "long", month: "short", day: "numeric" });
}

/** A month as a heading, with its year when that is another one. */
export function monthTitle(date: string, today: string): string {
  return format(date, date.slice(0, 4) === today.slice(0, 4) ? { month: "long" } : { month: "long", year: "numeric" });
}

/** A day in short: "today", "Friday", "Dec 1". */
export function shortDay(date: string, today: string): string {
  return dayWords(date, (dayNumber(date) - dayNumber(today)) / DAY_MILLIS, today);
}

function dayWords(date: string, days: number, today: string): string {
  if (days >= -1 && days <= 1) return [text.yesterday, text.today, text.tomorrow][days + 1] ?? "";
  if (days > 1 && days < 7) return format(date, { weekday: "long" });
  return date.slice(0, 4) === today.slice(0, 4) ? format(date, { month: "short", day: "numeric" }) : longDate(date);
}

export const longDate = (date: string) => format(date, { dateStyle: "medium" });

function format(date: string, options: Intl.DateTimeFormatOptions): string {
  return formatter(LANGUAGE, { ...options, timeZone: "UTC" }).format(dayNumber(date));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than all else that a row needs. */
function formatter(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([language, options]);
  let known = formatters.get(key);
  if (known === undefined) formatters.set(key, (known = new Intl.DateTimeFormat(language, options)));
  return known;
}

/** What the clocks of `zone` show. */
export function civilAt(instant: Date, zone: string): Civil {
  const parts = formatter("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
  return {
    date: `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`,
    time: `${part("hour")}:${part("minute")}`,
  };
}

/** When the clocks of `zone` show this. Unset without a zone, or with one that this browser does not know. */
function instantOf({ date, time }: Civil, zone: string): Date | undefined {
  if (zone === "") return undefined;
  const wanted = Date.parse(`${date}T${time}Z`);
  try {
    // The offset there and then, found twice: the first guess can stand on the other side of a change of clocks.
    let instant = wanted;
    for (let step = 0; step < 2; step += 1) {
      const shown = civilAt(new Date(instant), zone);
      instant += wanted - Date.parse(`${shown.date}T${shown.time}Z`);
    }
    return new Date(instant);
  } catch {
    return undefined;
  }
}

const dayNumber = (date: string) => Date.parse(`${date}T00:00Z`);

function dateText(date: CivilDate | undefined): string {
  if (date === undefined) return "";
  return `${String(date.year).padStart(4, "0")}-${two(date.month)}-${two(date.day)}`;
}

const timeText = (time: TimeOfDay | undefined) => (time === undefined ? "" : `${two(time.hours)}:${two(time.minutes)}`);
const two = (value: number) => String(value).padStart(2, "0");
