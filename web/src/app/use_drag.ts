// Dragging by a grip, with a mouse, a finger or a pen. What is dragged and where it may go is known by the caller;
// the keyboard has ways of its own.

import { useEffect, useRef, useState } from "preact/hooks";

/** What holds the things that can be dragged. */
export interface Box {
  readonly current: HTMLElement | null;
}

export interface Drag {
  readonly id: string;
  /** The place between the things `gap - 1` and `gap` of those that stay. */
  readonly gap: number;
  /** How far it is held to the right of where it was taken, in pixels. */
  readonly shift: number;
  /** Where the gap is, from the top of the box, in pixels. */
  readonly top: number;
}

interface Options {
  /** The ids of what stays while `id` is dragged, as they are drawn. */
  readonly restOf: (id: string) => readonly string[];
  readonly onDrop: (drag: Drag) => void;
}

const EDGE_PIXELS = 72;
const SCROLL_PIXELS = 14;
const STILL_PIXELS = 4;

/** Things in `box` carry their id as `data-id`. */
export function useDrag(box: Box, options: Options) {
  const [drag, setDrag] = useState<Drag>();
  const latest = useRef(options);
  latest.current = options;
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);

  function begin(event: PointerEvent, id: string) {
    if (event.button !== 0 || stop.current !== undefined) return;
    event.preventDefault();
    const grip = event.currentTarget as HTMLElement;
    grip.setPointerCapture(event.pointerId);
    const from = { x: event.clientX, y: event.clientY };
    let at = from;
    let now: Drag | undefined;
    let frame = requestAnimationFrame(scroll);

    function look() {
      const far = Math.hypot(at.x - from.x, at.y - from.y) > STILL_PIXELS;
      if (box.current === null || (now === undefined && !far)) return;
      now = { id, shift: at.x - from.x, ...gapAt(box.current, latest.current.restOf(id), at.y) };
      setDrag(now);
    }
    function scroll() {
      frame = requestAnimationFrame(scroll);
      if (now === undefined) return;
      if (at.y < EDGE_PIXELS) scrollBy(0, -SCROLL_PIXELS);
      else if (at.y > innerHeight - EDGE_PIXELS) scrollBy(0, SCROLL_PIXELS);
      else return;
      look();
    }
    function move(event: PointerEvent) {
      at = { x: event.clientX, y: event.clientY };
      look();
    }
    function drop() {
      const done = now;
      end();
      if (done !== undefined) latest.current.onDrop(done);
    }
    function key(event: KeyboardEvent) {
      if (event.key === "Escape") end();
    }
    function end() {
      cancelAnimationFrame(frame);
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", drop);
      grip.removeEventListener("pointercancel", end);
      removeEventListener("keydown", key);
      stop.current = undefined;
      setDrag(undefined);
    }
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", drop);
    grip.addEventListener("pointercancel", end);
    addEventListener("keydown", key);
    stop.current = end;
  }

  return { drag, begin };
}

function gapAt(box: HTMLElement, rest: readonly string[], y: number): { gap: number; top: number } {
  const drawn = new Map<string, DOMRect>();
  for (const element of box.querySelectorAll<HTMLElement>("[data-id]")) {
    drawn.set(element.dataset["id"] ?? "", element.getBoundingClientRect());
  }
  // Of a long list only what is near the screen is drawn.
  const rects = rest.flatMap((id, at) => {
    const rect = drawn.get(id);
    return rect === undefined ? [] : [{ at, rect }];
  });
  const above = rects.findLast(({ rect: { top, height } }) => y > top + height / 2);
  const gap = above === undefined ? (rects[0]?.at ?? 0) : above.at + 1;
  const edge =
    rects.find(({ at }) => at === gap)?.rect.top ?? above?.rect.bottom ?? box.getBoundingClientRect().top;
  return { gap, top: edge - box.getBoundingClientRect().top };
}
