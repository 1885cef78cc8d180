// Points in time as people say them.

import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import { LANGUAGE, text } from "../../text";

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago, cut to the largest unit. A device whose clock is behind says "just now" as well. */
export function ago(time: Date, now: Date): string {
  const seconds = (now.getTime() - time.getTime()) / 1000;
  const unit = UNITS.find(([, length]) => seconds >= length);
  if (unit === undefined) return text.justNow;
  const [name, length] = unit;
  return new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "always" }).format(-Math.floor(seconds / length), name);
}

/** The words, the whole date for those who want it, and what a program reads. */
export function moment(timestamp: Timestamp | undefined, now = new Date()) {
  if (timestamp === undefined) return undefined;
  const date = timestampDate(timestamp);
  const title = date.toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });
  return { words: ago(date, now), title, dateTime: date.toISOString() };
}
