import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { text } from "../../text";
import { ago, moment } from "./moment";

const NOW = new Date("2026-03-01T12:00:00Z");
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

describe("moments in words", () => {
  it.each([
    [0, text.justNow],
    [59, text.justNow],
    [60, "1 minute ago"],
    [3_599, "59 minutes ago"],
    [3_600, "1 hour ago"],
    [86_400 * 2, "2 days ago"],
    [86_400 * 15, "2 weeks ago"],
    [86_400 * 70, "2 months ago"],
    [86_400 * 800, "2 years ago"],
  ])("%d seconds", (seconds, words) => {
    expect(ago(before(seconds), NOW)).toBe(words);
  });

  it("a clock that is behind does not make a future of the past", () => {
    expect(ago(before(-90), NOW)).toBe(text.justNow);
  });

  it("nothing is said about a time that is not set", () => {
    expect(moment(undefined)).toBeUndefined();
    expect(moment(timestampFromMs(before(60).getTime()), NOW)).toMatchObject({
      words: "1 minute ago",
      dateTime: "2026-03-01T11:59:00.000Z",
    });
  });
});
