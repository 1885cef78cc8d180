// Sums with civil dates, written as `2026-11-21`. No zones: a day is a day. Pure.

const DAY_MILLIS = 86_400_000;

export const dayNumber = (date: string): number => Date.parse(`${date}T00:00Z`) / DAY_MILLIS;
const dateOf = (number: number): string => new Date(number * DAY_MILLIS).toISOString().slice(0, 10);

export const addDays = (date: string, days: number): string => dateOf(dayNumber(date) + days);

/** 0 is Monday. */
export const weekdayOf = (date: string): number => (((dayNumber(date) + 3) % 7) + 7) % 7;

/** The same day of another month, or its last one where the month is shorter. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const length = daysInMonth(first.getUTCFullYear(), first.getUTCMonth() + 1);
  return civilDate(first.getUTCFullYear(), first.getUTCMonth() + 1, Math.min(day, length)) ?? date;
}

export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Unset for a day that no calendar has. */
export function civilDate(year: number, month: number, day: number): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** The first `weekday` on or after `date`; 0 is Monday. */
export const weekdayFrom = (date: string, weekday: number): string => addDays(date, (weekday - weekdayOf(date) + 7) % 7);

/** Which of its weekday in its month a day is: 1 to 5. */
export const nthInMonth = (date: string): number => Math.ceil(Number(date.slice(8)) / 7);
