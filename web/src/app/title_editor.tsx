import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../api/errors";
import type { Task } from "../gen/tandem/tasks/v1/task_pb";
import { text } from "../text";

interface Props {
  task: Task;
  onRename: (task: Task, title: string, requestId: string) => Promise<void>;
  onClose: () => void;
}

/** Edits a title in its place. Enter saves, Escape leaves everything as it was. */
export function TitleEditor({ task, onRename, onClose }: Props) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [title, setTitle] = useState(task.title);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const noteId = `fault-${task.id}`;
  // Another title, or another version to replace, is another intent.
  const intent = useRef({ title, etag: task.etag, requestId: crypto.randomUUID() });

  // Before the next key arrives.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(title.length, title.length);
  }, []);

  async function submit(event: Event) {
    event.preventDefault();
    if (busy) return;
    if (title.trim() === task.title) return onClose();
    if (intent.current.title !== title || intent.current.etag !== task.etag) {
      intent.current = { title, etag: task.etag, requestId: crypto.randomUUID() };
    }
    setBusy(true);
    setFault(undefined);
    try {
      await onRename(task, title, intent.current.requestId);
      onClose();
    } catch (error) {
      const failure = failureOf(error);
      setFault(failure.fields["task.title"] ?? failure.text);
      setBusy(false);
    }
  }

  function saveOnEnter(event: KeyboardEvent) {
    // Enter that picks a word of an input method is not meant for us.
    if (event.key === "Enter" && !event.isComposing) void submit(event);
  }

  return (
    <form
      class="editor"
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && !busy && onClose()}
      aria-busy={busy}
    >
      {/* Many lines to see all of a long title; the title itself is one. */}
      <textarea
        ref={input}
        rows={1}
        value={title}
        onInput={(event) => setTitle(event.currentTarget.value.replace(/[\r\n]+/g, " "))}
        onKeyDown={saveOnEnter}
        readOnly={busy}
        aria-label={text.editTitle}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : noteId}
        autocomplete="off"
        enterkeyhint="done"
        dir="auto"
      />
      {fault !== undefined && (
        <p id={noteId} class="field-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="editor-buttons">
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {busy ? `${text.saving}…` : text.save}
        </button>
        <button type="button" class="button button-quiet" onClick={onClose}>
          {text.cancel}
        </button>
      </div>
    </form>
  );
}
