import { useLayoutEffect, useRef } from "preact/hooks";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { Task_State } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import type { Row } from "../../model/rows";
import { text } from "../../text";
import { Bin } from "../icons";
import { TaskEditor } from "./task_editor";
import { TaskFacts } from "./task_facts";
import type { Act } from "./use_tasks";

interface Props {
  row: Row;
  lists: readonly List[];
  now: Date;
  editing: boolean;
  act: Pick<Act, "toggle" | "edit" | "remove">;
  onOpen: () => void;
  onClose: () => void;
  onAddPart: () => void;
}

/** One task: tick it off, press its title to edit it, or delete it. */
export function TaskRow({ row, lists, now, editing, act, onOpen, onClose, onAddPart }: Props) {
  const { task, saving, depth, partOf } = row;
  const title = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const open = task.state === Task_State.OPEN;

  useLayoutEffect(() => {
    // Unless the next thing has it already.
    if (wasEditing.current && !editing && document.activeElement === document.body) title.current?.focus();
    wasEditing.current = editing;
  }, [editing]);

  return (
    <li class="task" id={`task-${task.id}`} data-depth={Math.min(depth, 6)} aria-level={depth + 1} aria-busy={saving}>
      <label class="tick">
        <input
          type="checkbox"
          aria-label={text.done(task.title)}
          checked={!open}
          onClick={(event) => {
            // The list decides what is ticked, also while a change is on its way.
            event.preventDefault();
            if (!saving) void act.toggle(task);
          }}
        />
      </label>
      {editing ? (
        <TaskEditor task={task} lists={lists} onEdit={act.edit} onAddPart={onAddPart} onClose={onClose} />
      ) : (
        <>
          <div class="task-main">
            <button
              type="button"
              class={open ? "task-title" : "task-title task-title-done"}
              ref={title}
              title={text.edit}
              dir="auto"
              onClick={onOpen}
            >
              {task.title}
            </button>
            <TaskFacts task={task} partOf={partOf} now={now} />
          </div>
          <button
            type="button"
            class="icon-button"
            aria-label={text.remove(task.title)}
            onClick={() => !saving && void act.remove(task)}
          >
            <Bin />
          </button>
        </>
      )}
    </li>
  );
}
