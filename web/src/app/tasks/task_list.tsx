// The rows of a view: edited in their place, with boxes for new parts, and moved where the order is the person's own.

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
import { AddTask } from "./add_task";
import { TaskRow } from "./task_row";
import { useMoves } from "./use_moves";
import type { Act } from "./use_tasks";

/** What is drawn at once. */
const ROWS = 100;

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
  const [limit, setLimit] = useState(ROWS);
  /** What was ticked here stays where it was, so that a slip of the finger is easily mended. */
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<string>();
  const [addingTo, setAddingTo] = useState<string>();
  const { held } = live;
  const lists = listsOf(held.store);
  const shown = sections(editing === undefined ? ticked : new Set(ticked).add(editing));
  const rows = shown.flatMap(({ rows }) => rows);
  const moves = useMoves(box, rows.slice(0, limit), held, act.move);

  useEffect(() => {
    if (added.current === undefined) return;
    if (rows.length > limit) setLimit(Infinity);
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

  const draw = (row: Row) => [
    <TaskRow
      key={row.task.id}
      row={row}
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
      onClose={() => setEditing(undefined)}
      onAddPart={() => {
        setEditing(undefined);
        setAddingTo(row.task.id);
      }}
    />,
    addingTo === row.task.id && (
      <li key={`${row.task.id} part`} class="task-part">
        <AddTask
          label={text.newPart(row.task.title)}
          hint={text.newPartHint}
          lists={[]}
          onAdd={async (task, ids) => {
            await act.add({ ...task, listId: row.task.listId, parentId: row.task.id }, ids);
            added.current = ids.taskId;
          }}
          onClose={() => setAddingTo(undefined)}
        />
      </li>
    ),
  ];

  let left = limit;
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
      {rows.length === 0 ? (
        empty
      ) : (
        <div class="sections" ref={box}>
          {shown.map(({ key, title, tone, rows }) => {
            const part = rows.slice(0, Math.max(0, left));
            left -= part.length;
            return (
              part.length > 0 && (
                <section key={key} class="section">
                  {title !== undefined && <h2 class={tone === "late" ? "section-late" : undefined}>{title}</h2>}
                  <ul class="card task-list" aria-label={title ?? label}>
                    {part.flatMap(draw)}
                  </ul>
                </section>
              )
            );
          })}
          {moves.line !== undefined && <i class="drop-line" style={moves.line} />}
        </div>
      )}
      {rows.length > limit && (
        <button type="button" class="button button-quiet tasks-more" onClick={() => setLimit(limit + ROWS)}>
          {text.showMore}
        </button>
      )}
    </>
  );
}
