import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { INBOX, listsOf, openCounts } from "../../model/rows";
import type { Held } from "tandem-client";
import { text } from "../../text";
import { Bin, Menu, Plus } from "../icons";
import { hrefOf, type Place } from "../place";
import { TitleForm } from "./title_form";
import type { ListAct, NewListIds } from "./use_lists";

interface Props {
  held: Held;
  place: Place;
  act: Pick<ListAct, "create">;
}

/** The way to every list. On a phone it opens and closes; on a desktop it is always there. */
export function ListNav({ held, place, act }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const lists = listsOf(held.store);
  const counts = openCounts(held);
  const here = place.page === "list" ? place.listId : place.page;
  const current = (place: string) => (place === here ? ("page" as const) : undefined);

  function close() {
    if (!open) return;
    setOpen(false);
    toggle.current?.focus();
  }

  // Whoever went somewhere wants to see it.
  useEffect(close, [here]);

  return (
    <nav class="lists" aria-label={text.lists} onKeyDown={(event) => event.key === "Escape" && close()}>
      <button
        type="button"
        class="button button-quiet lists-toggle"
        ref={toggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Menu />
        {text.lists}
      </button>
      <div id={id} class={open ? "lists-panel lists-panel-open" : "lists-panel"}>
        <ul>
          <Line href={hrefOf(INBOX, "open")} current={current(INBOX)} title={text.inbox} count={counts.get(INBOX)} />
          {lists.map((list) => (
            <Line
              key={list.id}
              href={hrefOf(list.id, "open")}
              current={current(list.id)}
              title={list.title}
              count={counts.get(list.id)}
            />
          ))}
        </ul>
        <NewList onCreate={act.create} />
        <a class="lists-line lists-trash" href="#trash" aria-current={current("trash")}>
          <Bin />
          {text.trash}
        </a>
      </div>
    </nav>
  );
}

interface LineProps {
  href: string;
  current: "page" | undefined;
  title: string;
  count: number | undefined;
}

function Line({ href, current, title, count = 0 }: LineProps) {
  return (
    <li>
      <a class="lists-line" href={href} aria-current={current}>
        <span class="lists-title" dir="auto">
          {title}
        </span>
        {count > 0 && (
          <span class="lists-count">
            <span aria-hidden="true">{count}</span>
            <span class="unseen">{text.openCount(count)}</span>
          </span>
        )}
      </a>
    </li>
  );
}

function NewList({ onCreate }: { onCreate: ListAct["create"] }) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const wasOpen = useRef(false);
  const intent = useRef<{ title: string; ids: NewListIds }>(undefined);

  useLayoutEffect(() => {
    if (wasOpen.current && !open) button.current?.focus();
    wasOpen.current = open;
  }, [open]);

  async function create(title: string) {
    // Another name is another intent.
    if (intent.current?.title !== title) {
      intent.current = { title, ids: { listId: crypto.randomUUID(), requestId: crypto.randomUUID() } };
    }
    await onCreate(title, intent.current.ids);
    intent.current = undefined;
  }

  return open ? (
    <TitleForm
      title=""
      action={text.create}
      acting={text.creating}
      onSave={create}
      onClose={() => setOpen(false)}
    />
  ) : (
    <button type="button" class="lists-line lists-new" ref={button} onClick={() => setOpen(true)}>
      <Plus />
      {text.newList}
    </button>
  );
}
