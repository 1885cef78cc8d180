import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { Task_Priority, Task_State } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import type { Direction } from "../../model/reorder";
import type { Row } from "../../model/rows";
import type { Held } from "tandem-client";
import { text } from "../../text";
import { Bin, Grip } from "../icons";
import type { Place } from "../windowed";
import { TaskEditor } from "./task_editor";
import { TaskFacts } from "./task_facts";
import type { Act } from "./use_tasks";

interface Props {
  row: Row;
  place: Place & { readonly "aria-posinset": number; readonly "aria-setsize": number };
  lists: readonly List[];
  held: Held;
  now: Date;
  editing: boolean;
  dragged: boolean;
  act: Pick<Act, "toggle" | "edit" | "leave" | "editors" | "remove" | "skip" | "giveUp">;
  /** What stands in the place of the notes. */
  instead: ComponentChildren;
  /** Set where the order can be changed. */
  onGrip?: (event: PointerEvent) => void;
  onStep?: (direction: Direction) => void;
  canStep?: (direction: Direction) => boolean;
  onOpen: () => void;
  onClose: () => void;
  onAddPart: () => void;
}

const STEPS: Readonly<Record<string, Direction>> = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

/** One task: tick it off, press its title to edit it, move it, or delete it. */
export function TaskRow({ row, place, lists, held, now, editing, dragged, act, instead, ...on }: Props) {
  const { task, saving, depth } = row;
  const title = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const open = task.state === Task_State.OPEN;
  const { onStep } = on;

  useLayoutEffect(() => {
    // Unless the next thing has it already.
    if (wasEditing.current && !editing && document.activeElement === document.body) title.current?.focus();
    wasEditing.current = editing;
  }, [editing]);

  function key(event: KeyboardEvent) {
    const direction = STEPS[event.key];
    if (editing || onStep === undefined || direction === undefined || !event.altKey) return;
    // Alt and an arrow would leave the page.
    event.preventDefault();
    onStep(direction);
  }

  return (
    <li
      class={dragged ? "task task-dragged" : "task"}
      id={`task-${task.id}`}
      data-id={task.id}
      data-depth={Math.min(depth, 6)}
      aria-level={depth + 1}
      aria-busy={saving}
      onKeyDown={key}
      {...place}
    >
      {on.onGrip !== undefined && (
        // Who cannot drag has Alt and the arrows, and buttons in the editor.
        <span
          class={editing ? "grip grip-still" : "grip"}
          aria-hidden="true"
          title={text.moveTask(task.title)}
          onPointerDown={on.onGrip}
        >
          <Grip />
        </span>
      )}
      <label class="tick" data-priority={open ? Task_Priority[task.priority] : undefined}>
        <input
          type="checkbox"
          aria-label={text.done(task.title)}
          checked={!open}
          onClick={(event) => {
            // The list decides what is ticked, also while a change is on its way.
            event.preventDefault();
            void act.toggle(task);
          }}
        />
      </label>
      {editing ? (
        <TaskEditor
          task={task}
          lists={lists}
          held={held}
          act={act}
          {...(onStep && { onStep })}
          {...(on.canStep && { canStep: on.canStep })}
          onAddPart={on.onAddPart}
          onClose={on.onClose}
        />
      ) : (
        <>
          <div class="task-main">
            <button
              type="button"
              class={open ? "task-title" : "task-title task-title-done"}
              ref={title}
              title={text.edit}
              dir="auto"
              aria-keyshortcuts={onStep && "Alt+ArrowUp Alt+ArrowDown Alt+ArrowRight Alt+ArrowLeft"}
              onClick={on.onOpen}
            >
              {task.title}
            </button>
            <TaskFacts row={row} now={now} instead={instead} />
          </div>
          <button
            type="button"
            class="icon-button task-remove"
            aria-label={text.remove(task.title)}
            onClick={() => void act.remove(task)}
          >
            <Bin />
          </button>
        </>
      )}
    </li>
  );
}
