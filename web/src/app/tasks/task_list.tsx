// The rows of a view: edited in their place, with boxes for new parts, and moved where the order is the person's own.
// What is drawn of many rows is up to Windowed.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { listsOf, type Row } from "../../model/rows";
import { step, type Direction } from "../../model/reorder";
import type { Section } from "../../model/views";
import { text } from "../../text";
import { Notice } from "../notice";
import type { Live } from "../use_live";
import { useNow } from "../use_now";
import { ALL } from "../use_window";
import { Windowed, type Group, type Item } from "../windowed";
import { AddTask } from "./add_task";
import { FindHint } from "./find_hint";
import { TaskRow } from "./task_row";
import { useMoves } from "./use_moves";
import type { Act } from "./use_tasks";

/** How high rows are until they were drawn, in pixels: a title alone, and one with something below it. */
const [LOW, HIGH] = [55, 80];
const HEAD = 46;
const PART = 76;

interface Props {
  /** What is shown, given the tasks that stay although they no longer belong: just ticked, or edited. */
  sections: (stays: ReadonlySet<string>) => readonly Section[];
  /** Whether this is the person's own order, which can be changed here. */
  ordered: boolean;
  label: string;
  live: Live;
  act: Act;
  /** A task that was just added and is to be seen. */
  added: { current: string | undefined };
  empty: ComponentChildren;
  /** What stands in the place of the notes. */
  instead?: (row: Row) => ComponentChildren;
}

export function TaskList({ sections, ordered, label, live, act, added, empty, instead }: Props) {
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  /** What was ticked here stays where it was, so that a slip of the finger is easily mended. */
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<string>();
  const [addingTo, setAddingTo] = useState<string>();
  const { held } = live;
  const lists = listsOf(held.store);
  const shown = sections(editing === undefined ? ticked : new Set(ticked).add(editing));
  const rows = shown.flatMap(({ rows }) => rows);
  const moves = useMoves(box, rows, held, act.move);

  useEffect(() => {
    if (added.current === undefined) return;
    const row = document.getElementById(`task-${added.current}`);
    if (row === null) return;
    row.scrollIntoView({ block: "nearest" });
    added.current = undefined;
  });

  const rowAct = {
    ...act,
    toggle: async (task: Task) => {
      setTicked(new Set(ticked).add(task.id));
      await act.toggle(task);
    },
  };

  /** By the time that it is saved another one may be open. */
  const close = (id: string) => setEditing((open) => (open === id ? undefined : open));

  const itemOf = (row: Row, at: number, of: number): Item => ({
    key: row.task.id,
    height: isPlain(row) && instead === undefined ? LOW : HIGH,
    draw: (place) => (
      <TaskRow
        key={row.task.id}
        row={row}
        place={{ ...place, "aria-posinset": at + 1, "aria-setsize": of }}
        lists={lists}
        held={held}
        now={now}
        editing={editing === row.task.id}
        dragged={moves.dragged.has(row.task.id)}
        act={rowAct}
        instead={instead?.(row)}
        {...(ordered &&
          row.partOf === undefined && {
            onGrip: (event: PointerEvent) => moves.begin(event, row.task.id),
            onStep: (direction: Direction) => moves.stepTo(row.task.id, direction),
            canStep: (direction: Direction) => step(rows, row.task.id, direction) !== undefined,
          })}
        onOpen={() => setEditing(row.task.id)}
        onClose={() => close(row.task.id)}
        onAddPart={() => {
          close(row.task.id);
          setAddingTo(row.task.id);
        }}
      />
    ),
  });
  const partOf = ({ task }: Row): Item => ({
    key: `${task.id} part`,
    height: PART,
    draw: (place) => (
      <li key={`${task.id} part`} class="task-part" {...place}>
        <AddTask
          label={text.newPart(task.title)}
          hint={text.newPartHint}
          lists={[]}
          onAdd={async (part, ids) => {
            added.current = ids.taskId;
            await act.add({ ...part, listId: task.listId, parentId: task.id }, ids);
          }}
          onClose={() => setAddingTo(undefined)}
        />
      </li>
    ),
  });
  const groups = shown.map(({ key, title, tone, rows }, index): Group => {
    const classes = [index > 0 && "section-next", tone === "late" && "section-late"].filter(Boolean).join(" ");
    return {
      key,
      label: title ?? label,
      head: title === undefined ? undefined : {
        key: `${key} head`,
        height: HEAD,
        draw: (place) => (
          <h2 key="head" class={classes} {...place}>
            {title}
          </h2>
        ),
      },
      items: rows.flatMap((row, at) =>
        addingTo === row.task.id ? [itemOf(row, at, rows.length), partOf(row)] : [itemOf(row, at, rows.length)],
      ),
    };
  });

  return (
    <>
      {act.refused !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={act.refused.again}>
          {act.refused.failure.text}
        </Notice>
      )}
      <p class="unseen" role="status">
        {moves.said}
      </p>
      {rows.length > ALL && <FindHint />}
      {rows.length === 0 ? (
        empty
      ) : (
        <Windowed
          groups={groups}
          box={box}
          kept={[editing, addingTo, addingTo && `${addingTo} part`, added.current, ...moves.dragged]}
        >
          {moves.line !== undefined && <i class="drop-line" style={moves.line} />}
        </Windowed>
      )}
    </>
  );
}

const isPlain = ({ task, partOf, inList }: Row): boolean =>
  [task.due, task.recurrence, partOf, inList].every((fact) => fact === undefined) &&
  task.labels.length + task.priority === 0 &&
  task.notes === "";
