// Which things of a long list are drawn: those near the screen, and those that must not go. The page itself scrolls,
// and everything stands in its normal flow, so that a focus or a find leads to where a thing really is.

import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";
import type { Box } from "./use_drag";

/** Up to so many are all drawn: the browser's own search finds them, and there is nothing to measure. */
export const ALL = 100;
/** Drawn beyond the edges of the screen, for who tabs on and for a quick finger. */
const BEYOND = 12;

interface Options {
  /** What holds them. */
  readonly box: Box;
  /** Their keys, in their order. */
  readonly keys: readonly string[];
  /** How high one may be until it was drawn, in pixels. */
  readonly estimate: (index: number) => number;
  /** Keys of what is drawn wherever it is: what has the focus, or is edited or dragged. */
  readonly kept: readonly (string | undefined)[];
}

/** One thing to draw. */
export interface Piece {
  readonly index: number;
  /** How much room what is not drawn takes before it, in pixels. */
  readonly gap: number;
}

export interface Window {
  readonly pieces: readonly Piece[];
  /** The room behind the last one, in pixels. */
  readonly rest: number;
  /** For every thing, which carries its index as `data-index`; unset when nothing has to be measured. */
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

export function useWindow({ box, keys, estimate, kept }: Options): Window {
  const [margin, setMargin] = useState(0);
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  const enabled = keys.length > ALL;
  const options = {
    count: keys.length,
    enabled,
    overscan: BEYOND,
    scrollMargin: margin,
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: () => scrollY,
    getScrollElement: () => window,
    getItemKey: (index: number) => keys[index] ?? index,
    estimateSize: estimate,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const far = kept.flatMap((key) => (key === undefined ? [] : keys.indexOf(key))).filter((index) => index >= 0);
      return [...new Set([...defaultRangeExtractor(range), ...far])].sort((a, b) => a - b);
    },
    onChange: () => redraw(),
  };
  const [virtualizer] = useState(() => new Virtualizer<globalThis.Window, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    if (!enabled || box.current === null) return;
    setMargin(Math.round(box.current.getBoundingClientRect().top + scrollY));
  });

  if (!enabled) return { pieces: keys.map((_, index) => ({ index, gap: 0 })), rest: 0, measure: undefined };
  let end = margin;
  const pieces = virtualizer.getVirtualItems().map((item) => {
    const gap = Math.max(0, item.start - end);
    end = item.end;
    return { index: item.index, gap };
  });
  return { pieces, rest: Math.max(0, virtualizer.getTotalSize() + margin - end), measure: virtualizer.measureElement };
}
