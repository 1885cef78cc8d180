// How a task comes again, in words. Rules that have no short words are only said to repeat.

import { Recurrence_Basis, type Recurrence } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { text, type Unit } from "../text";

const UNITS: Readonly<Record<string, Unit>> = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };
const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

export function repeatWords({ rrule, basis }: Recurrence): string {
  const rule = new Map(rrule.split(";").map((part) => part.split("=", 2) as [string, string]));
  const unit = UNITS[rule.get("FREQ") ?? ""];
  const days = (rule.get("BYDAY") ?? "").split(",").filter(Boolean);
  const plain = [...rule.keys()].every((key) => ["FREQ", "INTERVAL", "BYDAY", "WKST"].includes(key));
  const weekly = days.length === 0 || (unit === "week" && days.every((day) => WEEKDAYS.includes(day)));
  if (unit === undefined || !plain || !weekly) return text.repeats;
  const on = WEEKDAYS.filter((day) => days.includes(day)).map((day) => text.weekdays[WEEKDAYS.indexOf(day)] ?? "");
  const every = text.every(Number(rule.get("INTERVAL") ?? 1), unit, on);
  return basis === Recurrence_Basis.COMPLETION ? text.afterDone(every) : every;
}
