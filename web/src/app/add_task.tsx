import { useRef, useState } from "preact/hooks";
import { failureOf } from "../api/errors";
import { text } from "../text";
import type { NewTaskIds } from "./use_tasks";

interface Props {
  onAdd: (title: string, ids: NewTaskIds) => Promise<void>;
}

/** The box for a new task. What was typed stays until it is saved. */
export function AddTask({ onAdd }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const ids = useRef(newIds());

  function type(value: string) {
    // Another title is another intent.
    ids.current = newIds();
    setTitle(value);
    setFault(undefined);
  }

  async function submit(event: Event) {
    event.preventDefault();
    input.current?.focus();
    if (busy || title.trim() === "") return;
    setBusy(true);
    setFault(undefined);
    try {
      await onAdd(title, ids.current);
      type("");
    } catch (error) {
      const failure = failureOf(error);
      setFault(failure.fields["task.title"] ?? failure.text);
    }
    setBusy(false);
  }

  return (
    <form class="add" onSubmit={submit} aria-busy={busy}>
      <div class="card add-box">
        <input
          ref={input}
          value={title}
          onInput={(event) => type(event.currentTarget.value)}
          readOnly={busy}
          aria-label={text.newTask}
          placeholder={text.newTaskHint}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : "add-fault"}
          autocomplete="off"
          enterkeyhint="done"
        />
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {busy ? `${text.adding}…` : text.add}
        </button>
      </div>
      {fault !== undefined && (
        <p id="add-fault" class="field-fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function newIds(): NewTaskIds {
  return { taskId: crypto.randomUUID(), requestId: crypto.randomUUID() };
}
