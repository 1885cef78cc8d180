// How things come again, in words and in the form that makes a rule.

/** A unit of repetition. */
export type Unit = "day" | "week" | "month" | "year";

const plural = (count: number, unit: Unit) => (count === 1 ? unit : `${count} ${unit}s`);

export function ordinal(value: number): string {
  const tail = value % 100 >= 11 && value % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${tail}`;
}

const NTH: Readonly<Record<number, string>> = { 1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth" };
const nth = (value: number) =>
  value > 0 ? (NTH[value] ?? ordinal(value)) : value === -1 ? "last" : `${NTH[-value] ?? ordinal(-value)} to last`;

export function and(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export const ruleText = {
  repeats: "Repeats",
  repeat: "Repeat",
  never: "Never",
  everyDay: "Every day",
  everyWeekday: "Every weekday (Mon to Fri)",
  weekly: "Weekly",
  monthly: "Monthly",
  yearly: "Yearly",
  ownRule: (words: string) => `As it is: ${words}`,
  everyCount: "Every",
  units: (unit: Unit, count: number) => (count === 1 ? unit : `${unit}s`),
  onDays: "On",
  onDay: "On the",
  sameDay: "same day as the due date",
  ends: "Ends",
  endsNever: "Never",
  endsOn: "On a day",
  endsAfter: "After N times",
  lastDate: "Last day",
  times: "Times",
  countFrom: "Counted from",
  fromDue: "the due date",
  fromDone: "the day it is done",
  needsDue: "Something that repeats needs a due date.",
  rawRule: (rrule: string) => `Rule: ${rrule}`,

  weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
  longWeekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  weekday: "weekday",
  day: "day",
  every: (count: number, unit: Unit, days: readonly string[]) =>
    [`Every ${plural(count, unit)}`, days.join(", ")].filter(Boolean).join(" on "),
  everyNamed: (what: string) => `Every ${what}`,
  monthDay: (day: number) => (day === -1 ? "last day" : day < 0 ? `${nth(day)} day` : ordinal(day)),
  nthDay: (place: number, day: string) => `${nth(place)} ${day}`,
  onThe: (days: string) => `on the ${days}`,
  inMonths: (months: string) => `in ${months}`,
  atTimes: (times: string) => `at ${times}`,
  until: (date: string) => `until ${date}`,
  count: (count: number) => (count === 1 ? "once" : `${count} times`),
  afterDone: (every: string) => `${every} after it was done`,
};
