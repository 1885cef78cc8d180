import { Task_Priority, Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { repeatWords } from "../../model/repeat";
import { browserZone, dueWords } from "../../model/when";
import { text } from "../../text";
import { Repeat } from "../icons";

interface Props {
  task: Task;
  partOf: string | undefined;
  now: Date;
}

/** What there is to know of a task besides its title, in small print. */
export function TaskFacts({ task, partOf, now }: Props) {
  const open = task.state === Task_State.OPEN;
  const due = open && task.due !== undefined ? dueWords(task.due, now, browserZone()) : undefined;
  const priority = open ? priorityWords(task.priority) : undefined;
  const facts = [
    task.state === Task_State.CANCELLED && <span>{text.cancelled}</span>,
    due && (
      <span class={`due-${due.tone}`}>
        {due.words}
        {due.stored !== undefined && <span class="quiet"> ({due.stored.replaceAll("_", " ")})</span>}
      </span>
    ),
    task.recurrence && (
      <span class="fact-icon" title={task.recurrence.rrule}>
        <Repeat />
        {repeatWords(task.recurrence)}
      </span>
    ),
    priority !== undefined && <span class="fact-strong">{priority}</span>,
    partOf !== undefined && <span dir="auto">{text.partOf(partOf)}</span>,
    ...task.labels.map((label) => (
      <span key={label} class="badge" dir="auto">
        {label}
      </span>
    )),
  ].filter(Boolean);
  return (
    <>
      {facts.length > 0 && <p class="task-facts quiet">{facts}</p>}
      {task.notes !== "" && (
        <p class="task-notes quiet" dir="auto">
          {task.notes}
        </p>
      )}
    </>
  );
}

/** Only what is out of the ordinary is worth a word; a newer service may send what this page does not know. */
function priorityWords(priority: Task_Priority): string | undefined {
  const name = Task_Priority[priority];
  return name !== undefined && name in text.priority ? text.priority[name as keyof typeof text.priority] : undefined;
}
