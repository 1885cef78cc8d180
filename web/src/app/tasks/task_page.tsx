// The tasks of one list: to do, or done.

import { INBOX, listsOf, rowsOf, type View } from "../../model/rows";
import { text } from "../../text";
import type { ListAct } from "../lists/use_lists";
import { ListHead } from "../lists/list_head";
import { hrefOf } from "../place";
import type { Live } from "../use_live";
import { AddTask } from "./add_task";
import { Empty } from "./empty";
import { Saved } from "./saved";
import { TaskList } from "./task_list";
import { addedTo, useAdd } from "./use_add";
import type { Act } from "./use_tasks";

interface Props {
  listId: string;
  view: View;
  live: Live;
  act: Act;
  listAct: ListAct;
}

export function TaskPage({ listId, view, live, act, listAct }: Props) {
  const { held } = live;
  const list = held.store.lists.get(listId);
  const { add, added, told } = useAdd(
    act,
    (task) => ({ ...task, listId: task.listId ?? listId }),
    (task) => (task.listId === listId ? undefined : addedTo(held.store, task)),
  );
  if (listId !== INBOX && (list === undefined || list.deleteTime !== undefined)) {
    return <Empty title={text.noList} hint={text.noListHint} />;
  }
  return (
    <>
      <ListHead key={listId} list={list} lists={listsOf(held.store)} act={listAct} />
      <div class="tasks-bar">
        <nav class="views" aria-label={text.views}>
          <a href={hrefOf(listId, "open")} aria-current={view === "open" ? "page" : undefined}>
            {text.openTasks}
          </a>
          <a href={hrefOf(listId, "done")} aria-current={view === "done" ? "page" : undefined}>
            {text.doneTasks}
          </a>
        </nav>
        <Saved held={held} act={act} told={told} />
      </div>
      {view === "open" && (
        <AddTask label={text.newTask} hint={text.newTaskHint} lists={listsOf(held.store)} onAdd={add} />
      )}
      <TaskList
        sections={(stays) => [{ key: view, rows: rowsOf(held, listId, view, stays) }]}
        ordered={view === "open"}
        label={text.listName[view]}
        live={live}
        act={act}
        added={added}
        empty={<Empty title={text.empty[view]} hint={text.emptyHint[view]} />}
      />
    </>
  );
}
