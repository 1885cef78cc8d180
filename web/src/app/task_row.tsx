import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Task_State, type Task } from "../gen/tandem/tasks/v1/task_pb";
import { text } from "../text";
import { Bin } from "./icons";
import type { Item } from "./list_state";
import { TitleEditor } from "./title_editor";

interface Props {
  item: Item;
  onToggle: (task: Task) => Promise<void>;
  onRename: (task: Task, title: string, requestId: string) => Promise<void>;
  onRemove: (task: Task) => Promise<void>;
}

/** One task: tick it off, press its title to edit it, or delete it. */
export function TaskRow({ item: { task, saving }, onToggle, onRename, onRemove }: Props) {
  const [editing, setEditing] = useState(false);
  const title = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const done = task.state === Task_State.DONE;

  useLayoutEffect(() => {
    if (wasEditing.current && !editing) title.current?.focus();
    wasEditing.current = editing;
  }, [editing]);

  return (
    <li class="task" aria-busy={saving}>
      <label class="tick">
        <input
          type="checkbox"
          aria-label={text.done(task.title)}
          checked={done}
          onClick={(event) => {
            // The list decides what is ticked, also while a change is on its way.
            event.preventDefault();
            if (!saving) void onToggle(task);
          }}
        />
      </label>
      {editing ? (
        <TitleEditor task={task} onRename={onRename} onClose={() => setEditing(false)} />
      ) : (
        <>
          <button
            type="button"
            class={done ? "task-title task-title-done" : "task-title"}
            ref={title}
            title={text.editTitle}
            dir="auto"
            onClick={() => setEditing(true)}
          >
            {task.title}
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={text.remove(task.title)}
            onClick={() => !saving && void onRemove(task)}
          >
            <Bin />
          </button>
        </>
      )}
    </li>
  );
}
