import type { ComponentChildren } from "preact";
import { Task_Priority, Task_State } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { repeatWords } from "../../model/rule_words";
import type { Row } from "../../model/rows";
import { browserZone, civilAt, dueAt, dueWords, shortDay } from "../../model/when";
import { text } from "../../text";
import { Flag, Repeat } from "../icons";
import { hrefOf, labelHref } from "../place";
import { Notes } from "./notes";

interface Props {
  row: Row;
  now: Date;
  /** What stands in the place of the notes. */
  instead: ComponentChildren;
}

/** What there is to know of a task besides its title, in small print. */
export function TaskFacts({ row: { task, partOf, inList }, now, instead }: Props) {
  const open = task.state === Task_State.OPEN;
  const zone = browserZone();
  const today = civilAt(now, zone).date;
  const due = open && task.due !== undefined ? dueWords(task.due, now, zone) : undefined;
  const start = open && task.start !== undefined ? dueAt(task.start, zone).date : "";
  const priority = open ? priorityWords(task.priority) : undefined;
  const facts = [
    task.state === Task_State.CANCELLED && <span>{text.cancelled}</span>,
    due && (
      <span class={`due-${due.tone}`}>
        {due.words}
        {due.stored !== undefined && <span class="quiet"> ({due.stored.replaceAll("_", " ")})</span>}
      </span>
    ),
    start > today && <span>{text.startsOn(shortDay(start, today))}</span>,
    task.recurrence && (
      <span class="fact-icon" title={text.rawRule(task.recurrence.rrule)}>
        <Repeat />
        {repeatWords(task.recurrence)}
      </span>
    ),
    priority !== undefined && (
      <span class="fact-icon fact-strong" data-priority={Task_Priority[task.priority]}>
        <Flag />
        {priority}
      </span>
    ),
    partOf !== undefined && <span dir="auto">{text.partOf(partOf)}</span>,
    inList !== undefined && (
      <a class="fact-link" href={hrefOf(task.listId, "open")} dir="auto">
        {text.inList(inList)}
      </a>
    ),
    ...task.labels.map((label) => (
      <a key={label} class="badge" href={labelHref(label)} dir="auto">
        {label}
      </a>
    )),
  ].filter(Boolean);
  return (
    <>
      {facts.length > 0 && <p class="task-facts quiet">{facts}</p>}
      {instead ?? (task.notes !== "" && <Notes notes={task.notes} />)}
    </>
  );
}

/** Only what is out of the ordinary is worth a word; a newer service may send what this page does not know. */
function priorityWords(priority: Task_Priority): string | undefined {
  const name = Task_Priority[priority];
  return name !== undefined && name in text.priority ? text.priority[name as keyof typeof text.priority] : undefined;
}
