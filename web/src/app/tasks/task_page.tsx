// The tasks of one list: to do, or done.

import { useEffect, useRef, useState } from "preact/hooks";
import { INBOX, listsOf, rowsOf, type View } from "../../model/rows";
import { text } from "../../text";
import type { ListAct } from "../lists/use_lists";
import { ListHead } from "../lists/list_head";
import { Notice } from "../notice";
import { hrefOf } from "../place";
import type { Live } from "../use_live";
import { useNow } from "../use_now";
import { AddTask } from "./add_task";
import { Skeleton } from "./skeleton";
import { TaskRow } from "./task_row";
import type { Act } from "./use_tasks";

/** What is drawn at once. */
const ROWS = 100;

interface Props {
  listId: string;
  view: View;
  live: Live;
  act: Act;
  listAct: ListAct;
}

export function TaskPage({ listId, view, live, act, listAct }: Props) {
  const now = useNow();
  const [limit, setLimit] = useState(ROWS);
  /** What was ticked here stays where it was, so that a slip of the finger is easily mended. */
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<string>();
  const [addingTo, setAddingTo] = useState<string>();
  const added = useRef<string>(undefined);

  const { held } = live;
  const lists = listsOf(held.store);
  const list = held.store.lists.get(listId);
  const stays = editing === undefined ? ticked : new Set(ticked).add(editing);
  const rows = rowsOf(held, listId, view, stays);

  useEffect(() => {
    const row = added.current === undefined ? null : document.getElementById(`task-${added.current}`);
    if (row === null) return;
    row.scrollIntoView({ block: "nearest" });
    added.current = undefined;
  });

  if (!held.ready) return <Skeleton />;
  if (listId !== INBOX && (list === undefined || list.deleteTime !== undefined)) {
    return (
      <div class="empty">
        <p>{text.noList}</p>
        <p class="quiet">{text.noListHint}</p>
      </div>
    );
  }

  const add = (parentId?: string): Parameters<typeof AddTask>[0]["onAdd"] => async (title, ids) => {
    await act.add(title, { listId, ...(parentId !== undefined && { parentId }) }, ids);
    added.current = ids.taskId;
    setLimit(Infinity);
  };
  const status = held.pending.size > 0 ? `${text.saving}…` : act.saved ? text.saved : "";
  const rowAct = {
    ...act,
    toggle: async (task: Parameters<Act["toggle"]>[0]) => {
      setTicked(new Set(ticked).add(task.id));
      await act.toggle(task);
    },
  };

  return (
    <>
      <ListHead key={listId} list={list} act={listAct} />
      <div class="tasks-bar">
        <nav class="views" aria-label={text.views}>
          <a href={hrefOf(listId, "open")} aria-current={view === "open" ? "page" : undefined}>
            {text.openTasks}
          </a>
          <a href={hrefOf(listId, "done")} aria-current={view === "done" ? "page" : undefined}>
            {text.doneTasks}
          </a>
        </nav>
        <p class="quiet tasks-status" role="status">
          {status}
        </p>
      </div>
      {view === "open" && <AddTask label={text.newTask} hint={text.newTaskHint} onAdd={add()} />}
      {act.refused !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={act.refused.again}>
          {act.refused.failure.text}
        </Notice>
      )}
      {rows.length > 0 ? (
        <ul class="card task-list" aria-label={text.listName[view]}>
          {rows.slice(0, limit).flatMap((row) => [
            <TaskRow
              key={row.task.id}
              row={row}
              lists={lists}
              now={now}
              editing={editing === row.task.id}
              act={rowAct}
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
                  onAdd={add(row.task.id)}
                  onClose={() => setAddingTo(undefined)}
                />
              </li>
            ),
          ])}
        </ul>
      ) : (
        <div class="empty">
          <p>{text.empty[view]}</p>
          <p class="quiet">{text.emptyHint[view]}</p>
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
