import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import type { Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { draftOf, rebase, type Draft } from "../../model/draft";
import { INBOX } from "../../model/rows";
import { text } from "../../text";
import { DueFields } from "./due_fields";
import type { Act, EditIds } from "./use_tasks";

interface Props {
  task: Task;
  lists: readonly List[];
  onEdit: Act["edit"];
  onAddPart: () => void;
  onClose: () => void;
}

/** Edits a task in its place. Enter in the title saves, Escape leaves everything as it was. */
export function TaskEditor({ task, lists, onEdit, onAddPart, onClose }: Props) {
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const [base, setBase] = useState(task);
  const [draft, setDraft] = useState(() => draftOf(task));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const ids = useRef(newIds());

  // Before the next key arrives.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(draft.title.length, draft.title.length);
  }, []);

  // What is saved replaces the task as it was when the editor opened. Only who was told of another version replaces that.
  const told = failure?.reason === "ETAG_MISMATCH";
  useLayoutEffect(() => {
    if (!told || task.etag === base.etag) return;
    setDraft(rebase(draft, base, task));
    setBase(task);
    ids.current = newIds();
  }, [told, task.etag]);

  function change(changed: Partial<Draft>) {
    // Another text is another intent.
    ids.current = newIds();
    setDraft({ ...draft, ...changed });
  }

  async function submit(event: Event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await onEdit(base, draft, ids.current);
      onClose();
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  // Those of a due date come with a path below it.
  const field = (name: string) =>
    Object.entries(failure?.fields ?? {}).find(([path]) => path === name || path.startsWith(`${name}.`))?.[1];
  const faults = [field("task.title"), field("task.notes"), field("task.due"), field("task.recurrence")];
  const fault = failure && ([...new Set(faults)].filter(Boolean).join(" ") || failure.text);

  return (
    <form
      class="editor"
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && !busy && onClose()}
      aria-busy={busy}
      aria-describedby={fault === undefined ? undefined : `${id}-fault`}
      noValidate
    >
      {/* Many lines to see all of a long title; the title itself is one. */}
      <textarea
        class="editor-title"
        ref={input}
        rows={1}
        value={draft.title}
        onInput={(event) => change({ title: event.currentTarget.value.replace(/[\r\n]+/g, " ") })}
        onKeyDown={(event) => {
          // Enter that picks a word of an input method is not meant for us.
          if (event.key === "Enter" && !event.isComposing) void submit(event);
        }}
        readOnly={busy}
        aria-label={text.editTitle}
        aria-invalid={field("task.title") !== undefined}
        autocomplete="off"
        enterkeyhint="done"
        dir="auto"
      />
      <div class="editor-field">
        <label for={`${id}-notes`}>{text.notes}</label>
        <textarea
          id={`${id}-notes`}
          class="editor-notes"
          rows={2}
          value={draft.notes}
          onInput={(event) => change({ notes: event.currentTarget.value })}
          readOnly={busy}
          aria-invalid={field("task.notes") !== undefined}
          dir="auto"
        />
      </div>
      <DueFields draft={draft} stored={base.due?.timeZone ?? ""} busy={busy} onChange={change} />
      {/* A part is always where the whole is. */}
      {task.parentId === "" && lists.length > 0 && (
        <div class="editor-field editor-list">
          <label for={`${id}-list`}>{text.moveTo}</label>
          <select
            id={`${id}-list`}
            value={draft.listId}
            onChange={(event) => change({ listId: event.currentTarget.value })}
            disabled={busy}
          >
            <option value={INBOX}>{text.inbox}</option>
            {lists.map((list) => (
              <option key={list.id} value={list.id}>
                {list.title}
              </option>
            ))}
          </select>
        </div>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} class="field-fault" role="alert">
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
        <button type="button" class="button button-plain" onClick={onAddPart}>
          {text.addPart}
        </button>
      </div>
    </form>
  );
}

function newIds(): EditIds {
  return { fields: crypto.randomUUID(), list: crypto.randomUUID() };
}
