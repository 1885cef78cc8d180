// A recurrence rule in words, also one that the picker cannot show. What has no words here is only said to repeat.

import { Recurrence_Basis, type Recurrence } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { and, ruleText, type Unit } from "../text/rules";
import { partsOf, WEEKDAYS, WORKDAYS } from "./rule";
import { longDate } from "./when";

const UNITS: Readonly<Record<string, Unit>> = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };
const SAID = new Set(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "COUNT", "UNTIL", "WKST"]);

export function repeatWords({ rrule, basis }: Pick<Recurrence, "rrule" | "basis">): string {
  const words = ruleWords(rrule);
  if (words === undefined) return ruleText.repeats;
  return basis === Recurrence_Basis.COMPLETION ? ruleText.afterDone(words) : words;
}

/** Unset when it cannot be said in words. */
export function ruleWords(rrule: string): string | undefined {
  const parts = partsOf(rrule);
  const list = (name: string) => (parts.get(name) ?? "").split(",").filter(Boolean);
  const unit = UNITS[parts.get("FREQ") ?? ""];
  const interval = Number(parts.get("INTERVAL") ?? 1);
  if (unit === undefined || !Number.isInteger(interval) || ![...parts.keys()].every((name) => SAID.has(name))) {
    return undefined;
  }
  const days = dayWords(list("BYDAY"), list("BYMONTHDAY"), unit, interval);
  const months = list("BYMONTH").map((month) => ruleText.months[Number(month) - 1]);
  const times = timeWords(list("BYHOUR"), list("BYMINUTE"));
  const end = endWords(parts);
  if (days === undefined || times === undefined || end === undefined || months.includes(undefined)) return undefined;
  const inMonths = months.length > 0 && ruleText.inMonths(and(months as string[]));
  return [days, inMonths, times].filter(Boolean).join(" ") + (end === "" ? "" : `, ${end}`);
}

function dayWords(days: string[], monthDays: string[], unit: Unit, interval: number): string | undefined {
  const plain = WEEKDAYS.filter((day) => days.includes(day));
  if (monthDays.length > 0) {
    if (days.length > 0 || unit === "week") return undefined;
    const names = monthDays.map((day) => ruleText.monthDay(Number(day)));
    return `${ruleText.every(interval, unit, [])} ${ruleText.onThe(and(names))}`;
  }
  if (days.length === 0) return ruleText.every(interval, unit, []);
  if (plain.length === days.length) {
    if (interval === 1 && plain.join() === WORKDAYS.join()) return ruleText.everyNamed(ruleText.weekday);
    if (unit === "day") return undefined;
    const names = plain.map((day) => ruleText.weekdays[WEEKDAYS.indexOf(day)] ?? "");
    return ruleText.every(interval, unit, names);
  }
  const counted = days.map((day) => {
    const [, nth, name] = /^\+?(-?\d+)(MO|TU|WE|TH|FR|SA|SU)$/.exec(day) ?? [];
    if (nth === undefined) return undefined;
    return ruleText.nthDay(Number(nth), ruleText.longWeekdays[WEEKDAYS.findIndex((known) => known === name)] ?? "");
  });
  if (counted.includes(undefined) || (unit !== "month" && unit !== "year")) return undefined;
  return `${ruleText.every(interval, unit, [])} ${ruleText.onThe(and(counted as string[]))}`;
}

function timeWords(hours: string[], minutes: string[]): string | undefined {
  if (hours.length === 0) return minutes.length === 0 ? "" : undefined;
  const two = (value: string) => value.padStart(2, "0");
  const times = hours.flatMap((hour) => (minutes.length > 0 ? minutes : ["0"]).map((minute) => `${two(hour)}:${two(minute)}`));
  return ruleText.atTimes(and(times));
}

function endWords(parts: ReadonlyMap<string, string>): string | undefined {
  const count = parts.get("COUNT");
  if (count !== undefined) return ruleText.count(Number(count));
  const until = parts.get("UNTIL");
  if (until === undefined) return "";
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})/.exec(until) ?? [];
  return year === undefined ? undefined : ruleText.until(longDate(`${year}-${month}-${day}`));
}
