// Moving tasks within a list that is drawn: by grip and by keyboard, told to who cannot see it.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { depths, others, placeOf, spotAt, step, type Direction, type Spot } from "../../model/reorder";
import type { Row } from "../../model/rows";
import type { Held } from "tandem-client";
import { text } from "../../text";
import { useDrag, type Box } from "../use_drag";
import type { Act } from "./use_tasks";

/** As far as one level stands in, in pixels. */
const INDENT = 24;

export function useMoves(
  box: Box,
  rows: readonly Row[],
  held: Held,
  move: Act["move"],
) {
  const [said, setSaid] = useState("");
  /** What was moved last, until its new place is told. */
  const [moved, setMoved] = useState<string>();
  /** How many moves are not in the copy yet: what is drawn meanwhile is the place before. */
  const moving = useRef(0);
  const refocus = useRef<string>(undefined);
  const depthOf = (id: string) => rows.find(({ task }) => task.id === id)?.depth ?? 0;
  const levelAt = (id: string, gap: number, shift: number) => {
    const { least, most } = depths(others(rows, id), gap);
    return Math.max(least, Math.min(most, depthOf(id) + Math.round(shift / INDENT)));
  };

  const { drag, begin } = useDrag(box, {
    restOf: (id) => others(rows, id).map(({ task }) => task.id),
    onDrop: ({ id, gap, shift }) => {
      const row = rows.find(({ task }) => task.id === id);
      const rest = others(rows, id);
      const level = levelAt(id, gap, shift);
      const isThere = rows.findIndex(({ task }) => task.id === id) === gap && row?.depth === level;
      if (row === undefined || isThere) return;
      void moveTo(row, spotAt(rest, gap, level));
    },
  });

  async function moveTo({ task }: Row, spot: Spot) {
    moving.current += 1;
    await move(task, spot);
    moving.current -= 1;
    setMoved(task.id);
  }

  function stepTo(id: string, direction: Direction) {
    const row = rows.find(({ task }) => task.id === id);
    if (row === undefined) return;
    const spot = step(rows, id, direction);
    if (spot === undefined) return setSaid(text.cannotMove(row.task.title));
    refocus.current = id;
    void moveTo(row, spot);
  }

  useEffect(() => {
    const row = rows.find(({ task }) => task.id === moved);
    if (moved === undefined || row === undefined || row.saving || moving.current > 0) return;
    setMoved(undefined);
    if (refocus.current === moved) refocus.current = undefined;
    const { place, of } = placeOf(rows, moved) ?? { place: 1, of: 1 };
    const parent = held.store.tasks.get(row.task.parentId)?.title;
    const { title } = row.task;
    setSaid(parent === undefined ? text.moved(title, place, of) : text.movedUnder(title, parent, place, of));
  });

  // A browser takes the focus away from what is put elsewhere in the page.
  useLayoutEffect(() => {
    const id = refocus.current;
    if (id === undefined) return;
    const row = document.getElementById(`task-${id}`);
    if (document.activeElement === document.body) row?.querySelector<HTMLElement>(".task-title, .editor-title")?.focus();
    if (row?.contains(document.activeElement)) row.scrollIntoView({ block: "nearest" });
  });

  const rest = drag === undefined ? [] : others(rows, drag.id);
  const stays = new Set(rest.map(({ task }) => task.id));
  const dragged = new Set(drag === undefined ? [] : rows.map(({ task }) => task.id).filter((id) => !stays.has(id)));
  const line = drag && {
    top: `${drag.top}px`,
    "--drop-depth": String(levelAt(drag.id, drag.gap, drag.shift)),
  };
  return { begin, stepTo, said, dragged, line };
}
