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
  /** What was moved last, until its new place is told; without a task when that was refused. */
  const [settled, setSettled] = useState<{ readonly moved?: string }>();
  /** How many moves were not answered yet: what they moved is drawn at its new place, and may have to go back. */
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
    const stays = await move(task, spot);
    moving.current -= 1;
    setSettled(stays ? { moved: task.id } : {});
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
    const row = rows.find(({ task }) => task.id === settled?.moved);
    if (settled === undefined || row?.saving || moving.current > 0) return;
    setSettled(undefined);
    refocus.current = undefined;
    // Refused, or not in this view any more.
    if (row === undefined) return;
    const { place, of } = placeOf(rows, row.task.id) ?? { place: 1, of: 1 };
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
