import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../../failure";
import { text } from "../../text";

interface Props {
  title: string;
  /** What is asked for, and the field of the request that it becomes. */
  name: string;
  field: string;
  action: string;
  acting: string;
  onSave: (title: string) => Promise<void>;
  onClose: () => void;
}

/** Asks for the name of a list or a label. Enter saves, Escape leaves everything as it was. */
export function TitleForm({ title: before, name, field, action, acting, onSave, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState(before);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();

  useLayoutEffect(() => input.current?.select(), []);

  async function submit(event: Event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await onSave(title);
      onClose();
    } catch (error) {
      const failure = failureOf(error);
      setFault(failure.fields[field] ?? failure.text);
      setBusy(false);
      input.current?.focus();
    }
  }

  return (
    <form
      class="title-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // What stands around this form stays open.
        event.stopPropagation();
        if (!busy) onClose();
      }}
      aria-busy={busy}
      noValidate
    >
      <input
        ref={input}
        value={title}
        onInput={(event) => setTitle(event.currentTarget.value)}
        readOnly={busy}
        aria-label={name}
        placeholder={name}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : "title-fault"}
        autocomplete="off"
        enterkeyhint="done"
        dir="auto"
      />
      {fault !== undefined && (
        <p id="title-fault" class="field-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="editor-buttons">
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {busy ? `${acting}…` : action}
        </button>
        <button type="button" class="button button-quiet" onClick={onClose}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}
