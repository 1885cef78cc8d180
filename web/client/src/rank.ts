// Guessed places for what was moved or made and not sent yet. The service gives the real ones.

/** Behind every rank that the service gives: those are letters and digits. */
export const LAST = "~";

const LOW = 0x20;
const HIGH = 0x7e;

/** A text between two, compared as bytes; an empty `high` is behind everything. Equal ends give the lower one. */
export function between(low: string, high: string): string {
  if (high !== "" && low >= high) return low;
  let made = "";
  for (let at = 0; ; at += 1) {
    const from = at < low.length ? low.charCodeAt(at) : LOW;
    const to = high === "" || at >= high.length ? HIGH + 1 : high.charCodeAt(at);
    const middle = Math.floor((from + to) / 2);
    if (middle > from) return made + String.fromCharCode(middle);
    made += String.fromCharCode(from);
    // Below the high end from here on: anything goes.
    if (from < to) high = "";
  }
}
