import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { Task_Priority, Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { draftOf, editOf, finished, moveOf, rebase, type Draft } from "../../model/draft";
import type { Direction } from "../../model/reorder";
import type { Held } from "tandem-client";
import { labelsOf } from "../../model/views";
import { text } from "../../text";
import { useAskBeforeUnload } from "../use_ask_before_unload";
import { DueFields, halfTypedIn } from "./due_fields";
import { EditorButtons } from "./editor_buttons";
import { LabelField } from "./label_field";
import { PlaceFields } from "./place_fields";
import { RepeatFields } from "./repeat_fields";
import { SelectField } from "./select_field";
import type { Act, EditIds } from "./use_tasks";

interface Props {
  task: Task;
  lists: readonly List[];
  held: Held;
  act: Pick<Act, "edit" | "leave" | "editors" | "skip" | "giveUp">;
  onStep?: (direction: Direction) => void;
  canStep?: (direction: Direction) => boolean;
  onAddPart: () => void;
  onClose: () => void;
}

const FIELDS = ["title", "notes", "priority", "labels", "start", "due", "recurrence"];
const PRIORITIES = [
  [String(Task_Priority.UNSPECIFIED), text.priorityNone],
  [String(Task_Priority.LOW), text.priority.LOW],
  [String(Task_Priority.MEDIUM), text.priority.MEDIUM],
  [String(Task_Priority.HIGH), text.priority.HIGH],
  [String(Task_Priority.URGENT), text.priority.URGENT],
] as const;

/** Edits a task in its place. Enter in the title saves, Escape leaves everything as it was, and going elsewhere saves. */
export function TaskEditor({ task, lists, held, act, onStep, canStep, onAddPart, onClose }: Props) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const [base, setBase] = useState(task);
  // What the person replaces knowingly: what they saw when they began, or when they saved last.
  const seen = useRef(task);
  const [draft, setDraft] = useState(() => draftOf(task));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const ids = useRef(newIds());
  const dirty = editOf(draft, base).paths.length > 0 || moveOf(draft, base) !== undefined;

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

  // Another task or view was opened: what was typed is kept, unless it was saved or given up before.
  const unsaved = useRef<(() => Promise<void>) | undefined>(undefined);
  const saving = useRef<Promise<void>>(undefined);
  const gone = useRef(false);
  // Whose session is over has nothing to keep it in.
  const leave = (halfTyped = halfTypedIn(form.current)) =>
    act.leave(seen.current, base, finished(draft, base, halfTyped), ids.current).catch(() => undefined);
  unsaved.current = dirty && !busy && !gone.current ? leave : undefined;
  useLayoutEffect(() => {
    function go() {
      gone.current = true;
      const left = unsaved.current?.() ?? saving.current;
      unsaved.current = undefined;
      return left;
    }
    // Before a sign-out, which nothing on this device outlives.
    async function close() {
      const left = go();
      onClose();
      await left;
    }
    act.editors.add(close);
    return () => {
      act.editors.delete(close);
      void go();
    };
  }, []);
  useAskBeforeUnload(dirty);

  function change(changed: Partial<Draft>) {
    // Another text is another intent.
    ids.current = newIds();
    setDraft((draft) => ({ ...draft, ...changed }));
  }

  /** Nothing that was typed is lost to what comes `next`. */
  async function save(next: () => void) {
    seen.current = base;
    setBusy(true);
    try {
      await act.edit(base, draft, ids.current);
      unsaved.current = undefined;
      next();
    } catch (error) {
      // Nobody sees any more what is said here.
      if (gone.current) return leave([]);
      setFailure(failureOf(error));
      setBusy(false);
    }
  }
  const begin = (next: () => void) => {
    if (busy || asksForWholeDate()) return;
    saving.current = save(next);
  };
  /** A date of which a part is missing has no value, which must not be taken for one that was taken away. */
  function asksForWholeDate(): boolean {
    const [half] = halfTypedIn(form.current);
    if (half === undefined) return false;
    setFailure({ text: text.halfTyped, fields: {} });
    form.current?.querySelector<HTMLElement>(`[name="${half}"]`)?.focus();
    return true;
  }
  const submit = (event: Event) => {
    event.preventDefault();
    begin(onClose);
  };
  const cancel = () => {
    unsaved.current = undefined;
    onClose();
  };
  const first = (action: () => void) => () => {
    if (dirty) begin(action);
    else if (!asksForWholeDate()) action();
  };

  // Those of a due date come with a path below it.
  const field = (name: string) =>
    Object.entries(failure?.fields ?? {}).find(([path]) => path.split(/[.[]/).slice(0, 2).join(".") === name)?.[1];
  const faults = FIELDS.map((name) => field(`task.${name}`));
  const fault = failure && ([...new Set(faults)].filter(Boolean).join(" ") || failure.text);
  const { date, time, timeZone } = draft;

  return (
    <form
      class="editor"
      ref={form}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && !busy && cancel()}
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
          if (event.key === "Enter" && !event.isComposing) submit(event);
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
      <DueFields
        value={{ date, time, timeZone }}
        fields={{ date: "date", time: "time" }}
        names={{ date: text.dueDate, time: text.dueTime }}
        stored={base.due?.timeZone ?? ""}
        busy={busy}
        onChange={change}
      />
      <RepeatFields
        rrule={draft.rrule}
        fromDone={draft.fromDone}
        date={date}
        stored={base.recurrence?.rrule ?? ""}
        busy={busy}
        onChange={change}
      />
      <div class="editor-row">
        <SelectField
          label={text.priorityName}
          value={String(draft.priority)}
          options={PRIORITIES}
          busy={busy}
          onValue={(value) => change({ priority: Number(value) })}
        />
        <PlaceFields
          id={task.id}
          listId={draft.listId}
          parentId={draft.parentId}
          lists={lists}
          held={held}
          busy={busy}
          onChange={change}
        />
      </div>
      <LabelField
        labels={draft.labels}
        known={[...labelsOf(held).keys()]}
        busy={busy}
        onChange={(labels) => change({ labels })}
      />
      <details class="editor-more" open={base.start !== undefined}>
        <summary>{text.moreFields}</summary>
        <DueFields
          value={{ date: draft.startDate, time: draft.startTime, timeZone: draft.startZone }}
          fields={{ date: "startDate", time: "startTime" }}
          names={{ date: text.startDate, time: text.startTime }}
          stored={base.start?.timeZone ?? ""}
          busy={busy}
          onChange={({ date, time, timeZone }) => change({ startDate: date, startTime: time, startZone: timeZone })}
        />
      </details>
      {fault !== undefined && (
        <p id={`${id}-fault`} class="field-fault" role="alert">
          {fault}
        </p>
      )}
      <EditorButtons
        busy={busy}
        canStep={(direction) => canStep?.(direction) ?? false}
        onStep={(direction) => onStep?.(direction)}
        onCancel={cancel}
        onAddPart={first(onAddPart)}
        {...(task.state === Task_State.OPEN && {
          onGiveUp: first(() => {
            onClose();
            void act.giveUp(task);
          }),
          ...(base.recurrence !== undefined && {
            onSkip: first(() => {
              onClose();
              void act.skip(task);
            }),
          }),
        })}
      />
    </form>
  );
}

function newIds(): EditIds {
  return { fields: crypto.randomUUID(), place: crypto.randomUUID() };
}
