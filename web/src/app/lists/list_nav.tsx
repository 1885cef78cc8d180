// The way to everything: the views that are needed daily, and behind one button the lists, the labels and the trash.
// On a phone it stands at the bottom, where a thumb is; on a desktop all of it is always there.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { INBOX, listsOf, openCounts } from "../../model/rows";
import type { Held } from "tandem-client";
import { dueCount, labelsOf } from "../../model/views";
import { browserZone, civilAt } from "../../model/when";
import { text } from "../../text";
import { Bin, Calendar, Glass, Inbox, Menu, Sun, Tag } from "../icons";
import { hrefOf, labelHref, type Place } from "../place";
import { useDrag } from "../use_drag";
import { useNow } from "../use_now";
import { Line } from "./nav_line";
import { NewList } from "./new_list";
import { useListMoves } from "./use_list_moves";
import type { ListAct } from "./use_lists";

interface Props {
  held: Held;
  place: Place;
  act: Pick<ListAct, "create" | "move">;
}

export function ListNav({ held, place, act }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLUListElement>(null);
  const now = useNow();
  const lists = listsOf(held.store);
  const labels = labelsOf(held);
  const counts = openCounts(held);
  const zone = browserZone();
  const due = dueCount(held, { now, zone, today: civilAt(now, zone).date });
  const here = hereOf(place);
  const current = (place: string) => (place === here ? ("page" as const) : undefined);
  const moves = useListMoves(box, lists, act.move);
  const { drag, begin } = useDrag(box, moves);

  function close() {
    if (!open) return;
    setOpen(false);
    toggle.current?.focus();
  }

  // Whoever went somewhere wants to see it.
  useEffect(close, [here]);

  return (
    <nav class="lists" aria-label={text.lists} onKeyDown={(event) => event.key === "Escape" && close()}>
      <ul class="tabs">
        <Line
          href={hrefOf(INBOX, "open")}
          current={current(`list ${INBOX}`)}
          icon={<Inbox />}
          title={text.inbox}
          count={counts.get(INBOX)}
        />
        <Line href="#today" current={current("today")} icon={<Sun />} title={text.todayView} count={due} />
        <Line href="#upcoming" current={current("upcoming")} icon={<Calendar />} title={text.upcoming} />
        <Line href="#search" current={current("search")} icon={<Glass />} title={text.search} />
        <li class="lists-toggle">
          <button
            type="button"
            class={/^(list .|label|trash)/.test(here) ? "lists-line lists-here" : "lists-line"}
            ref={toggle}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <Menu />
            <span class="lists-title">{text.lists}</span>
          </button>
        </li>
      </ul>
      <div id={id} class={open ? "lists-panel lists-panel-open" : "lists-panel"}>
        <h2 class="lists-heading">{text.lists}</h2>
        <p class="unseen" role="status">
          {moves.said}
        </p>
        <ul class="lists-own" ref={box}>
          {lists.map((list) => (
            <Line
              key={list.id}
              id={list.id}
              href={hrefOf(list.id, "open")}
              current={current(`list ${list.id}`)}
              title={list.title}
              count={counts.get(list.id)}
              dragged={drag?.id === list.id}
              onGrip={(event) => begin(event, list.id)}
              onStep={(by) => moves.stepTo(list.id, by)}
            />
          ))}
          {drag !== undefined && <i class="drop-line" style={{ top: `${drag.top}px` }} />}
        </ul>
        <NewList onCreate={act.create} />
        {labels.size > 0 && (
          <>
            <h2 class="lists-heading">{text.labels}</h2>
            <ul>
              {[...labels].map(([label, count]) => (
                <Line
                  key={label}
                  href={labelHref(label)}
                  current={current(`label ${label}`)}
                  icon={<Tag />}
                  title={label}
                  count={count}
                />
              ))}
            </ul>
          </>
        )}
        <ul class="lists-trash">
          <Line href="#trash" current={current("trash")} icon={<Bin />} title={text.trash} />
        </ul>
      </div>
    </nav>
  );
}

function hereOf(place: Place): string {
  if (place.page === "list") return `list ${place.listId}`;
  return place.page === "label" ? `label ${place.label}` : place.page;
}
