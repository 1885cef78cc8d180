import { expect, it } from "vitest";
import { Format } from "tandem-client/gen/tandem/tasks/v1/transfer_service_pb";
import { formatOf } from "./import_format";

it.each([
  ["tandem-tasks-2026-11-21.json", Format.JSON],
  ["Tasks.json", Format.GOOGLE_TASKS],
  ["data.json", Format.VIKUNJA],
  ["export.zip", Format.VIKUNJA],
  ["Todoist backup.CSV", Format.TODOIST_CSV],
  ["list.csv", Format.CSV],
  ["calendar.ics", Format.ICALENDAR],
  ["notes.txt", undefined],
])("the file %s is taken for what it is", (name, format) => {
  expect(formatOf(name)).toBe(format);
});
