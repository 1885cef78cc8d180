// The list of one view: to do, or done.

import type { Client } from "@connectrpc/connect";
import { useRef } from "preact/hooks";
import type { TaskService } from "../gen/tandem/tasks/v1/task_service_pb";
import { text } from "../text";
import { AddTask } from "./add_task";
import { Notice } from "./notice";
import { TaskRow } from "./task_row";
import { UndoBar } from "./undo_bar";
import { useTasks, type View } from "./use_tasks";

interface Props {
  tasks: Client<typeof TaskService>;
  view: View;
  online: boolean;
}

export function TaskPage({ tasks, view, online }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { list, saved, refused, removed, ...act } = useTasks(tasks, view, online);
  const saving = list.items.some((item) => item.saving);
  const status = saving ? `${text.saving}…` : saved ? text.saved : "";

  return (
    <main class="tasks">
      <h1 class="unseen" ref={heading} tabIndex={-1}>
        {text.listName[view]}
      </h1>
      <div class="tasks-bar">
        <nav class="views" aria-label={text.views}>
          <a href="#open" aria-current={view === "open" ? "page" : undefined}>
            {text.openTasks}
          </a>
          <a href="#done" aria-current={view === "done" ? "page" : undefined}>
            {text.doneTasks}
          </a>
        </nav>
        <p class="quiet tasks-status" role="status">
          {status}
        </p>
      </div>

      {view === "open" && <AddTask onAdd={act.add} />}
      {refused !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={refused.again}>
          {refused.failure.text}
        </Notice>
      )}
      {list.loadFailure !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={act.loadAgain}>
          {list.loadFailure.text}
        </Notice>
      )}

      {list.items.length > 0 ? (
        <ul class="card task-list" aria-label={text.listName[view]}>
          {list.items.map((item) => (
            <TaskRow key={item.task.id} item={item} onToggle={act.toggle} onRename={act.rename} onRemove={act.remove} />
          ))}
        </ul>
      ) : list.loading === "first" ? (
        <Skeleton />
      ) : (
        list.loadFailure === undefined && (
          <div class="empty">
            <p>{text.empty[view]}</p>
            <p class="quiet">{text.emptyHint[view]}</p>
          </div>
        )
      )}

      {list.nextPageToken !== "" && (
        <button
          type="button"
          class="button button-quiet tasks-more"
          aria-disabled={list.loading !== undefined}
          onClick={() => list.loading === undefined && act.loadMore()}
        >
          {list.loading === "more" ? `${text.loadingMore}…` : text.showMore}
        </button>
      )}
      {removed !== undefined && (
        <UndoBar
          key={removed.task.id}
          removed={removed}
          onUndo={act.undo}
          onGone={() => {
            act.forgetRemoved();
            heading.current?.focus();
          }}
        />
      )}
    </main>
  );
}

function Skeleton() {
  return (
    <div class="card skeleton" aria-busy="true">
      <p class="unseen" role="status">
        {text.loading}…
      </p>
      <i />
      <i />
      <i />
    </div>
  );
}
