import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../../failure";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { Recurrence_Basis, Task_Priority } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { readQuick, type Quick } from "../../model/quick";
import { browserZone, civilAt, whenOf } from "../../model/when";
import { text } from "../../text";
import { QuickChips } from "./quick_chips";
import type { NewTask, NewTaskIds } from "./use_tasks";

interface Props {
  label: string;
  hint: string;
  /** Those that a task can be put into by their names. */
  lists: readonly List[];
  onAdd: (task: NewTask, ids: NewTaskIds) => Promise<void>;
  /** For a box that opens on demand: it takes the focus, and this closes it. */
  onClose?: () => void;
}

/** The box for a new task. It says what it understood before that is sent, and what was typed stays until it is saved. */
export function AddTask({ label, hint, lists, onAdd, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [plain, setPlain] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const ids = useRef(newIds());
  const kind = onClose === undefined ? "add" : "add-part";
  const now = civilAt(new Date(), browserZone());
  const quick = readQuick(typed, { today: now.date, time: now.time, lists, plain });

  useLayoutEffect(() => {
    if (onClose !== undefined) input.current?.focus();
  }, []);

  function type(value: string) {
    // Another text is another intent.
    ids.current = newIds();
    setTyped(value);
    setFault(undefined);
    if (value === "") setPlain(new Set());
  }

  async function submit(event: Event) {
    event.preventDefault();
    input.current?.focus();
    if (busy || quick.title === "") return;
    setBusy(true);
    setFault(undefined);
    try {
      await onAdd(taskOf(quick), ids.current);
      type("");
    } catch (error) {
      const failure = failureOf(error);
      setFault([...new Set(Object.values(failure.fields))].join(" ") || failure.text);
    }
    setBusy(false);
  }

  const described = [quick.pieces.length > 0 && `${kind}-chips`, fault !== undefined && `${kind}-fault`];
  return (
    <form
      class="add"
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && !busy && onClose?.()}
      aria-busy={busy}
    >
      <div class="card add-box">
        <div class="add-line">
          <input
            ref={input}
            value={typed}
            onInput={(event) => type(event.currentTarget.value)}
            readOnly={busy}
            aria-label={label}
            title={text.quickHint}
            placeholder={hint}
            aria-invalid={fault !== undefined}
            aria-describedby={described.filter(Boolean).join(" ") || undefined}
            autocomplete="off"
            enterkeyhint="done"
            dir="auto"
          />
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {busy ? `${text.adding}…` : text.add}
          </button>
          {onClose !== undefined && (
            <button type="button" class="button button-quiet" onClick={onClose}>
              {text.cancel}
            </button>
          )}
        </div>
        {quick.pieces.length > 0 && (
          <QuickChips
            id={`${kind}-chips`}
            quick={quick}
            today={now.date}
            onPlain={(words) => {
              ids.current = newIds();
              setPlain(new Set(plain).add(words));
              input.current?.focus();
            }}
          />
        )}
      </div>
      {fault !== undefined && (
        <p id={`${kind}-fault`} class="field-fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function taskOf({ title, date, time, rrule, fromDone, labels, priority, listId }: Quick): NewTask {
  const due = whenOf({ date, time }, "", undefined);
  const basis = fromDone ? Recurrence_Basis.COMPLETION : Recurrence_Basis.DUE;
  return {
    title,
    labels: [...labels],
    ...(due && { due }),
    ...(rrule !== "" && { recurrence: { rrule, basis } }),
    ...(priority && { priority: Task_Priority[priority] }),
    ...(listId !== undefined && { listId }),
  };
}

function newIds(): NewTaskIds {
  return { taskId: crypto.randomUUID(), requestId: crypto.randomUUID() };
}
