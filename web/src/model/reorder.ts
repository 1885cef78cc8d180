// Where a task goes that is dragged, or moved with the keyboard, in a list as it is drawn. Pure.

import type { Row } from "./rows";

/** A place beside others under one parent, as MoveTask takes it. */
export interface Spot {
  /** Empty for a task of its own. */
  readonly parentId: string;
  readonly position:
    | { readonly case: "afterId" | "beforeId"; readonly value: string }
    | { readonly case: "first" | "last"; readonly value: true };
}

export type Direction = "up" | "down" | "in" | "out";

/** Subtasks go five levels deep. */
const MOST_DEPTH = 5;

/** The rows without the moved one and what is below it: it all moves as one. */
export function others(rows: readonly Row[], id: string): Row[] {
  const from = rows.findIndex(({ task }) => task.id === id);
  if (from < 0) return [...rows];
  return [...rows.slice(0, from), ...rows.slice(from + block(rows, from))];
}

/** How many rows a task takes with what is below it. */
function block(rows: readonly Row[], from: number): number {
  const depth = rows[from]?.depth ?? 0;
  let length = 1;
  while ((rows[from + length]?.depth ?? -1) > depth) length += 1;
  return length;
}

/** How deep something can stand between the rows `gap - 1` and `gap` of `rest`. */
export function depths(rest: readonly Row[], gap: number): { least: number; most: number } {
  const [above, below] = [rest[gap - 1], rest[gap]];
  const most = above === undefined ? 0 : Math.min(above.depth + 1, MOST_DEPTH);
  return { least: Math.min(below?.depth ?? 0, most), most };
}

/** The place between the rows `gap - 1` and `gap` of `rest`, `depth` levels deep. */
export function spotAt(rest: readonly Row[], gap: number, depth: number): Spot {
  const { least, most } = depths(rest, gap);
  const level = Math.max(least, Math.min(most, depth));
  const parentId = parentAt(rest, gap, level);
  // A task whose parent is not drawn stands at the top and is nobody's neighbour there.
  const isSibling = ({ task }: Row) => task.parentId === parentId;
  for (let at = gap - 1; at >= 0; at -= 1) {
    const row = rest[at];
    if (row === undefined || row.depth < level) break;
    if (row.depth === level && isSibling(row)) return { parentId, position: { case: "afterId", value: row.task.id } };
  }
  for (let at = gap; at < rest.length; at += 1) {
    const row = rest[at];
    if (row === undefined || row.depth < level) break;
    if (row.depth === level && isSibling(row)) return { parentId, position: { case: "beforeId", value: row.task.id } };
  }
  return { parentId, position: { case: "first", value: true } };
}

function parentAt(rest: readonly Row[], gap: number, level: number): string {
  if (level === 0) return "";
  for (let at = gap - 1; at >= 0; at -= 1) {
    const row = rest[at];
    if (row !== undefined && row.depth === level - 1) return row.task.id;
  }
  return "";
}

/** Where one step leads; unset when there is no further. */
export function step(rows: readonly Row[], id: string, direction: Direction): Spot | undefined {
  const from = rows.findIndex(({ task }) => task.id === id);
  const row = rows[from];
  if (row === undefined || row.partOf !== undefined) return undefined;
  const rest = others(rows, id);
  const siblings = siblingsOf(rows, row);
  const at = siblings.findIndex(({ task }) => task.id === id);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  switch (direction) {
    case "up":
      return before && { parentId: row.task.parentId, position: { case: "beforeId", value: before.task.id } };
    case "down":
      return after && { parentId: row.task.parentId, position: { case: "afterId", value: after.task.id } };
    case "in": {
      if (before === undefined || row.depth >= MOST_DEPTH) return undefined;
      const above = rest.findIndex(({ task }) => task.id === before.task.id);
      return spotAt(rest, above + block(rest, above), row.depth + 1);
    }
    case "out": {
      const parent = rows.find(({ task }) => task.id === row.task.parentId);
      if (parent === undefined) return undefined;
      return { parentId: parent.task.parentId, position: { case: "afterId", value: parent.task.id } };
    }
  }
}

function siblingsOf(rows: readonly Row[], row: Row): Row[] {
  return rows.filter(({ task, depth }) => depth === row.depth && task.parentId === row.task.parentId);
}

/** Which place among its siblings a task has, from 1, and how many there are. */
export function placeOf(rows: readonly Row[], id: string): { place: number; of: number } | undefined {
  const row = rows.find(({ task }) => task.id === id);
  if (row === undefined) return undefined;
  const siblings = siblingsOf(rows, row);
  return { place: siblings.indexOf(row) + 1, of: siblings.length };
}
