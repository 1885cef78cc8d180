// Edits that cannot go on without the person: both sides changed a field, or the service refused.

import type { Replica, Side, Store, Trouble } from "tandem-client";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import {
  Task_Priority,
  TaskSchema,
  type Recurrence,
  type Task,
  type When,
} from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { useState } from "preact/hooks";
import { failureOf } from "../failure";
import { civilOf } from "../model/when";
import { text } from "../text";

interface Props {
  troubles: readonly Trouble[];
  store: Store;
  replica: Replica | undefined;
}

/** What is to be decided, one after the other; nothing is dropped without a word from the person. */
export function Troubles({ troubles, store, replica }: Props) {
  const [busy, setBusy] = useState(false);
  if (troubles.length === 0 || replica === undefined) return null;

  async function act(change: () => Promise<void>) {
    if (busy) return;
    setBusy(true);
    await change().finally(() => setBusy(false));
  }
  return (
    <section class="troubles" aria-label={text.troubles} aria-busy={busy}>
      {troubles.map((trouble) =>
        trouble.kind === "refused" ? (
          <Refused
            key={trouble.seq}
            title={titleOf(trouble, store)}
            why={failureOf(trouble.error).text}
            onAgain={() => void act(() => replica.retry(trouble.seq))}
            onDiscard={() => void act(() => replica.discard(trouble.seq))}
          />
        ) : (
          trouble.fields.map((field) => (
            <Conflict
              key={`${trouble.seq} ${field}`}
              field={field}
              mine={trouble.mine}
              theirs={trouble.theirs}
              onDecide={(side) => void act(() => replica.decide(trouble.seq, field, side))}
            />
          ))
        ),
      )}
    </section>
  );
}

function Refused(props: { title: string; why: string; onAgain: () => void; onDiscard: () => void }) {
  return (
    <div class="notice notice-bad" role="alert">
      <p>{text.refusedEdit(props.title, props.why)}</p>
      <div class="trouble-buttons">
        <button type="button" class="button button-quiet" onClick={props.onAgain}>
          {text.tryAgain}
        </button>
        <button type="button" class="button button-quiet" onClick={props.onDiscard}>
          {text.discard}
        </button>
      </div>
    </div>
  );
}

interface ConflictProps {
  field: string;
  mine: Task | List;
  theirs: Task | List;
  onDecide: (side: Side) => void;
}

function Conflict({ field, mine, theirs, onDecide }: ConflictProps) {
  return (
    <div class="notice notice-bad" role="alert">
      <p>{text.conflictField(text.fieldNames[field] ?? field, theirs.title)}</p>
      <div class="trouble-buttons">
        <button type="button" class="button button-quiet" onClick={() => onDecide("mine")}>
          {text.keepMine(wordsOf(mine, field))}
        </button>
        <button type="button" class="button button-quiet" onClick={() => onDecide("theirs")}>
          {text.takeTheirs(wordsOf(theirs, field))}
        </button>
      </div>
    </div>
  );
}

const MOST_CHARACTERS = 60;

function wordsOf(thing: Task | List, field: string): string {
  const words = valueOf(thing, field) || text.nothingThere;
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS)}…` : words;
}

function valueOf(thing: Task | List, field: string): string {
  const value: unknown = (thing as unknown as Record<string, unknown>)[field];
  if (value === undefined) return "";
  if (field === "due" || field === "start") {
    const { date, time } = civilOf(value as When);
    return [date, time].filter(Boolean).join(" ");
  }
  if (field === "recurrence") return (value as Recurrence).rrule;
  if (field === "priority") {
    const name = Task_Priority[value as Task_Priority] as keyof typeof text.priority;
    return text.priority[name] ?? "";
  }
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function titleOf({ edit }: Trouble, store: Store): string {
  const { request } = edit;
  if ("task" in request && request.task?.title) return request.task.title;
  if ("list" in request && request.list?.title) return request.list.title;
  const id = "id" in request ? request.id : "";
  return store.tasks.get(id)?.title ?? store.lists.get(id)?.title ?? TaskSchema.name;
}
