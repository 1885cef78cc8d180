import { Format } from "tandem-client/gen/tandem/tasks/v1/transfer_service_pb";

/** What a file is by its name; unset when that does not tell. */
export function formatOf(name: string): Format | undefined {
  const lower = name.toLowerCase();
  if (lower.endsWith(".ics")) return Format.ICALENDAR;
  if (lower.endsWith(".csv")) return lower.includes("todoist") ? Format.TODOIST_CSV : Format.CSV;
  if (lower.endsWith(".zip") || lower === "data.json") return Format.VIKUNJA;
  if (lower === "tasks.json") return Format.GOOGLE_TASKS;
  return lower.endsWith(".json") ? Format.JSON : undefined;
}
