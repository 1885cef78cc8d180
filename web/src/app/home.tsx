// Everything behind the sign-in. One person's tasks are held here and by nothing that outlives it.

import type { Client } from "@connectrpc/connect";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { taskClients, type SessionKeeper, type Tabs, type Wire } from "tandem-client";
import type { AuthService } from "tandem-client/gen/tandem/auth/v1/auth_service_pb";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { text } from "../text";
import { later } from "./later";
import { ListNav } from "./lists/list_nav";
import { useLists } from "./lists/use_lists";
import { Notice } from "./notice";
import { placeOf } from "./place";
import { useSearchKey } from "./shortcuts";
import { DayPage } from "./tasks/day_page";
import { LabelPage } from "./tasks/label_page";
import { SearchPage } from "./tasks/search_page";
import { Skeleton } from "./tasks/skeleton";
import { TaskPage } from "./tasks/task_page";
import { TrashPage } from "./tasks/trash_page";
import { UndoBar, type Undoable } from "./tasks/undo_bar";
import { useLabels } from "./tasks/use_labels";
import { useTasks } from "./tasks/use_tasks";
import { SyncStatus } from "./sync_status";
import { TopBar } from "./top_bar";
import { Troubles } from "./troubles";
import { useHash } from "./use_hash";
import { useLive } from "./use_live";
import "../styles/lists.css";
import "../styles/top.css";
import "../styles/tasks.css";
import "../styles/facts.css";
import "../styles/order.css";
import "../styles/pieces.css";
import "../styles/notes.css";
import "../styles/editor.css";
import "../styles/settings.css";
import "../styles/offline.css";

interface Props {
  keeper: SessionKeeper;
  auth: Client<typeof AuthService>;
  wire: Wire;
  tabs: Tabs;
  user: User;
  online: boolean;
  /** Whether this device may keep anything. */
  lasting: boolean;
}

const SettingsPage = later(async () => (await import("./settings/settings_page")).SettingsPage, Skeleton);

export function Home({ keeper, auth, wire, tabs, user, online, lasting }: Props) {
  const place = placeOf(useHash());
  const live = useLive(useMemo(() => taskClients(keeper, wire), []), tabs, user, { online, lasting });
  const { clients } = live;
  const main = useRef<HTMLElement>(null);
  const [undoable, setUndoable] = useState<{ done: Undoable; key: number }>();
  const onUndoable = (done: Undoable | undefined) =>
    setUndoable((last) => done && { done, key: (last?.key ?? 0) + 1 });
  const act = useTasks(clients, live, onUndoable);
  const listAct = useLists(clients, onUndoable);
  const labelAct = useLabels(clients, live, onUndoable);
  const { held, late, again } = live;
  const at = JSON.stringify(place);
  useSearchKey();

  // What was saved or refused somewhere else is no news here.
  useEffect(() => act.forget(), [at]);

  function page() {
    if (!held.ready) return <Skeleton />;
    switch (place.page) {
      case "list":
        return <TaskPage key={at} listId={place.listId} view={place.view} live={live} act={act} listAct={listAct} />;
      case "today":
      case "upcoming":
        return <DayPage key={at} page={place.page} live={live} act={act} />;
      case "label":
        return <LabelPage key={at} label={place.label} live={live} act={act} labelAct={labelAct} />;
      case "search":
        return <SearchPage key={place.query} query={place.query} clients={clients} live={live} act={act} />;
      case "trash":
        return <TrashPage store={held.store} act={act} listAct={listAct} />;
      case "account":
        return null;
    }
  }

  return (
    <>
      <TopBar
        user={user}
        keeper={keeper}
        unsent={live.state.unsent + live.state.troubles.length}
        onLeaving={() => act.leaveEditors().then(live.settled)}
        atAccount={place.page === "account"}
      />
      <SyncStatus state={live.state} online={online} />
      <Troubles troubles={live.state.troubles} store={held.store} replica={live.replica} />
      {place.page === "account" ? (
        <SettingsPage auth={auth} wire={wire} clients={clients} held={held} keeper={keeper} user={user} />
      ) : (
        <div class="home">
          <ListNav held={held} place={place} act={listAct} />
          <main class="tasks" ref={main}>
            {online && late !== undefined && (
              <Notice tone={held.ready ? "calm" : "bad"} action={text.tryAgain} onAction={again}>
                {held.ready ? text.late(late.text) : late.text}
              </Notice>
            )}
            {page()}
          </main>
        </div>
      )}
      {undoable !== undefined && place.page !== "account" && (
        <UndoBar
          key={undoable.key}
          undoable={undoable.done}
          onGone={() => {
            setUndoable(undefined);
            main.current?.querySelector<HTMLElement>("h1")?.focus();
          }}
        />
      )}
    </>
  );
}
