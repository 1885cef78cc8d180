import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { Recurrence_Basis, RecurrenceSchema } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { text } from "../text";
import { repeatWords } from "./repeat";

it.each([
  ["FREQ=DAILY", "Every day"],
  ["FREQ=WEEKLY;INTERVAL=2", "Every 2 weeks"],
  ["FREQ=WEEKLY;BYDAY=TH,MO", "Every week on Mon, Thu"],
  ["FREQ=YEARLY;WKST=SU", "Every year"],
  ["FREQ=MONTHLY;BYDAY=1MO", text.repeats],
  ["FREQ=MONTHLY;BYMONTHDAY=31", text.repeats],
  ["FREQ=DAILY;COUNT=3", text.repeats],
  ["FREQ=HOURLY", text.repeats],
  ["", text.repeats],
])("the rule %s reads: %s", (rrule, words) => {
  expect(repeatWords(create(RecurrenceSchema, { rrule }))).toBe(words);
});

it("a rule that counts from the completion says so", () => {
  const recurrence = create(RecurrenceSchema, { rrule: "FREQ=DAILY;INTERVAL=3", basis: Recurrence_Basis.COMPLETION });
  expect(repeatWords(recurrence)).toBe("Every 3 days after it was done");
});
