import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../../failure";
import { text } from "../../text";
import type { NewTaskIds } from "./use_tasks";

interface Props {
  label: string;
  hint: string;
  onAdd: (title: string, ids: NewTaskIds) => Promise<void>;
  /** For a box that opens on demand: it takes the focus, and this closes it. */
  onClose?: () => void;
}

/** The box for a new task. What was typed stays until it is saved. */
export function AddTask({ label, hint, onAdd, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const ids = useRef(newIds());
  const faultId = onClose === undefined ? "add-fault" : "add-part-fault";

  useLayoutEffect(() => {
    if (onClose !== undefined) input.current?.focus();
  }, []);

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
    <form
      class="add"
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && !busy && onClose?.()}
      aria-busy={busy}
    >
      <div class="card add-box">
        <input
          ref={input}
          value={title}
          onInput={(event) => type(event.currentTarget.value)}
          readOnly={busy}
          aria-label={label}
          placeholder={hint}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : faultId}
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
      {fault !== undefined && (
        <p id={faultId} class="field-fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function newIds(): NewTaskIds {
  return { taskId: crypto.randomUUID(), requestId: crypto.randomUUID() };
}
