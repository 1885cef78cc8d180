// Recurrence rules (RFC 5545) as the picker knows them, and as parts that words can be made of. Pure.

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
const FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** Which day of a month; `due` is the day of the due date, whatever that is. */
export type MonthDay =
  | { readonly kind: "due" }
  /** 1 to 31, or -1 for the last one. */
  | { readonly kind: "day"; readonly day: number }
  /** The first Monday is 1 and MO, the last Friday -1 and FR. */
  | { readonly kind: "weekday"; readonly nth: number; readonly weekday: Weekday };

export type End =
  | { readonly kind: "never" }
  | { readonly kind: "until"; readonly date: string }
  | { readonly kind: "count"; readonly count: number };

/** A rule that the picker can show and change. */
export interface Rule {
  readonly frequency: Frequency;
  readonly interval: number;
  /** Of weekly rules; empty means the weekday of the due date. */
  readonly weekdays: readonly Weekday[];
  /** Of monthly rules. */
  readonly monthDay: MonthDay;
  readonly end: End;
}

export const ruleOf = (frequency: Frequency, more: Partial<Rule> = {}): Rule => ({
  frequency,
  interval: 1,
  weekdays: [],
  monthDay: { kind: "due" },
  end: { kind: "never" },
  ...more,
});

export const WORKDAYS: readonly Weekday[] = WEEKDAYS.slice(0, 5);

/** The parts of a rule by name, in capitals. */
export function partsOf(rrule: string): ReadonlyMap<string, string> {
  const parts = rrule.toUpperCase().split(";").filter(Boolean);
  return new Map(parts.map((part) => part.split("=", 2) as [string, string]));
}

const KNOWN = new Set(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"]);

/** Unset for what the picker cannot show whole: it must not lose a part of it. */
export function parseRule(rrule: string): Rule | undefined {
  const parts = partsOf(rrule);
  const frequency = FREQUENCIES.find((known) => known === parts.get("FREQ"));
  const days = (parts.get("BYDAY") ?? "").split(",").filter(Boolean);
  const monthDays = (parts.get("BYMONTHDAY") ?? "").split(",").filter(Boolean);
  const end = endOf(parts);
  if (frequency === undefined || end === undefined || ![...parts.keys()].every((name) => KNOWN.has(name))) {
    return undefined;
  }
  // Where a week begins matters only to rules that pass over weeks.
  if ((parts.get("WKST") ?? "MO") !== "MO") return undefined;
  const rule = ruleOf(frequency, { interval: Number(parts.get("INTERVAL") ?? 1), end });
  if (!Number.isInteger(rule.interval) || rule.interval < 1) return undefined;
  if (days.length === 0 && monthDays.length === 0) return rule;
  if (frequency === "WEEKLY" && monthDays.length === 0) {
    const weekdays = WEEKDAYS.filter((day) => days.includes(day));
    return weekdays.length === days.length ? { ...rule, weekdays } : undefined;
  }
  if (frequency !== "MONTHLY" || days.length + monthDays.length !== 1) return undefined;
  const monthDay = monthDays[0] === undefined ? nthOf(days[0] ?? "") : dayOf(Number(monthDays[0]));
  return monthDay && { ...rule, monthDay };
}

function dayOf(day: number): MonthDay | undefined {
  return Number.isInteger(day) && (day === -1 || (day >= 1 && day <= 31)) ? { kind: "day", day } : undefined;
}

function nthOf(text: string): MonthDay | undefined {
  const [, nth, name] = /^\+?([1-5]|-1)(MO|TU|WE|TH|FR|SA|SU)$/.exec(text) ?? [];
  return nth === undefined ? undefined : { kind: "weekday", nth: Number(nth), weekday: name as Weekday };
}

function endOf(parts: ReadonlyMap<string, string>): End | undefined {
  const [count, until] = [parts.get("COUNT"), parts.get("UNTIL")];
  if (count !== undefined && until !== undefined) return undefined;
  if (count !== undefined) return /^\d+$/.test(count) ? { kind: "count", count: Number(count) } : undefined;
  if (until === undefined) return { kind: "never" };
  // An end in the middle of a day is more than the picker can say.
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(T235959)?$/.exec(until) ?? [];
  return year === undefined ? undefined : { kind: "until", date: `${year}-${month}-${day}` };
}

/** The last day counts up to its end, also when the due date has a time. */
export function formatRule({ frequency, interval, weekdays, monthDay, end }: Rule): string {
  const parts = [`FREQ=${frequency}`];
  if (interval !== 1) parts.push(`INTERVAL=${interval}`);
  if (frequency === "WEEKLY" && weekdays.length > 0) {
    parts.push(`BYDAY=${WEEKDAYS.filter((day) => weekdays.includes(day)).join(",")}`);
  }
  if (frequency === "MONTHLY" && monthDay.kind === "day") parts.push(`BYMONTHDAY=${monthDay.day}`);
  if (frequency === "MONTHLY" && monthDay.kind === "weekday") parts.push(`BYDAY=${monthDay.nth}${monthDay.weekday}`);
  if (end.kind === "count") parts.push(`COUNT=${end.count}`);
  if (end.kind === "until" && end.date !== "") {
    parts.push(`UNTIL=${end.date.replaceAll("-", "")}`);
  }
  return parts.join(";");
}
