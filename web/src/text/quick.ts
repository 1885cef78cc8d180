// The words that the box for a new task understands, in small letters.

import type { Unit } from "./rules";

export const quickWords = {
  every: "every",
  /** Counts from the day it is done. */
  everyDone: "every!",
  other: "other",
  weekday: ["weekday", "workday"],
  always: { daily: "day", weekly: "week", monthly: "month", yearly: "year" } as Readonly<Record<string, Unit>>,
  units: {
    day: "day", days: "day",
    week: "week", weeks: "week",
    month: "month", months: "month",
    year: "year", years: "year",
  } as Readonly<Record<string, Unit>>,
  and: ["and", "&"],
  today: ["today", "tod"],
  tomorrow: ["tomorrow", "tmr", "tmrw"],
  next: "next",
  in: "in",
  a: ["a", "an", "one"],
  on: ["on", "by", "due"],
  at: "at",
  noon: "noon",
  midnight: "midnight",
  the: "the",
  last: "last",
  /** A day after one of these is part of what is said, and no due date. */
  notAfter: ["before", "after", "since", "until", "till", "last", "of", "for", "from", "to"],
  weekdays: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
  shortWeekdays: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  months: [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
  ],
  numbers: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
  priorities: { low: "LOW", medium: "MEDIUM", med: "MEDIUM", high: "HIGH", urgent: "URGENT" } as const,
};
