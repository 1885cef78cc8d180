import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Recurrence_Basis, RecurrenceSchema } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { ruleText } from "../text/rules";
import { formatRule, parseRule, ruleOf } from "./rule";
import { repeatWords } from "./rule_words";

describe("a rule that the picker knows", () => {
  it.each([
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYDAY=1MO;COUNT=12",
    "FREQ=YEARLY;UNTIL=20301231",
  ])("comes and goes unchanged: %s", (rrule) => {
    const rule = parseRule(rrule);
    expect(rule && formatRule(rule)).toBe(rrule);
  });

  it("has the end of its last day as an end on that day", () => {
    const rule = ruleOf("DAILY", { end: { kind: "until", date: "2030-12-31" } });
    expect(parseRule("FREQ=DAILY;UNTIL=20301231T235959")).toEqual(rule);
    expect(formatRule(rule)).toBe("FREQ=DAILY;UNTIL=20301231");
  });

  it.each([
    "FREQ=MONTHLY;BYDAY=MO",
    "FREQ=MONTHLY;BYDAY=1MO,3MO",
    "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "FREQ=YEARLY;BYMONTH=6",
    "FREQ=WEEKLY;BYDAY=MO;WKST=SU",
    "FREQ=DAILY;UNTIL=20301231T120000",
    "FREQ=DAILY;BYHOUR=8,20",
    "FREQ=HOURLY",
    "FREQ=DAILY;INTERVAL=x",
    "",
  ])("is none that it would lose a part of: %s", (rrule) => {
    expect(parseRule(rrule)).toBeUndefined();
  });
});

it.each([
  ["FREQ=DAILY", "Every day"],
  ["FREQ=WEEKLY;INTERVAL=2", "Every 2 weeks"],
  ["FREQ=WEEKLY;BYDAY=TH,MO", "Every week on Mon, Thu"],
  ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"],
  ["FREQ=YEARLY;WKST=SU", "Every year"],
  ["FREQ=MONTHLY;BYDAY=1MO", "Every month on the first Monday"],
  ["FREQ=MONTHLY;BYDAY=-1FR,2TU", "Every month on the last Friday and second Tuesday"],
  ["FREQ=MONTHLY;BYMONTHDAY=31", "Every month on the 31st"],
  ["FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,-1", "Every 3 months on the 1st and last day"],
  ["FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=11", "Every year on the 11th in Jun and Dec"],
  ["FREQ=DAILY;BYHOUR=8,20", "Every day at 08:00 and 20:00"],
  ["FREQ=DAILY;COUNT=3", "Every day, 3 times"],
  ["FREQ=DAILY;UNTIL=20301231T235959", "Every day, until Dec 31, 2030"],
  ["FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU", ruleText.repeats],
  ["FREQ=HOURLY", ruleText.repeats],
  ["", ruleText.repeats],
])("the rule %s reads: %s", (rrule, words) => {
  expect(repeatWords(create(RecurrenceSchema, { rrule }))).toBe(words);
});

it("a rule that counts from the completion says so", () => {
  const recurrence = create(RecurrenceSchema, { rrule: "FREQ=DAILY;INTERVAL=3", basis: Recurrence_Basis.COMPLETION });
  expect(repeatWords(recurrence)).toBe("Every 3 days after it was done");
});
