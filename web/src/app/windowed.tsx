// Groups of things one below the other, of which only those near the screen are drawn. Scrolling draws what comes into
// sight and nothing else anew.

import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { Box } from "./use_drag";
import { useWindow } from "./use_window";

/** To be put on the element that is drawn. */
export interface Place {
  readonly "data-index": number;
  readonly "data-key": string;
  readonly style?: { readonly marginTop: string };
  readonly ref?: (element: HTMLElement | null) => void;
}

export interface Item {
  readonly key: string;
  /** In pixels, until it was drawn. */
  readonly height: number;
  readonly draw: (place: Place) => VNode;
}

export interface Group {
  readonly key: string;
  /** Stands above the list of the group. */
  readonly head?: Item | undefined;
  readonly items: readonly Item[];
  /** The name of the list. */
  readonly label: string;
}

interface Props {
  groups: readonly Group[];
  box: Box & { current: HTMLDivElement | null };
  kept: readonly (string | undefined)[];
  children?: ComponentChildren;
}

interface Drawn {
  readonly group: Group;
  readonly gap: number;
  readonly head: VNode[];
  readonly items: VNode[];
}

/** Arrows, Home and End lead from a control of one thing to the same control of another. */
export function Windowed({ groups, box, kept, children }: Props) {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  /** It stays drawn until something else has the focus: a focus must not vanish by scrolling. */
  const focused = useRef<string>(undefined);
  const wanted = useRef<{ key: string; control: string }>(undefined);
  const flat = groups.flatMap((group) =>
    [...(group.head ? [group.head] : []), ...group.items].map((item) => ({ group, item })),
  );
  const keys = flat.map(({ item }) => item.key);
  const { pieces, rest, measure } = useWindow({
    box,
    keys,
    estimate: (index) => flat[index]?.item.height ?? 0,
    kept: [...kept, focused.current, wanted.current?.key],
  });

  // What was drawn of these very groups is good as it is.
  const made = useRef({ groups, vnodes: new Map<string, { index: number; gap: number; vnode: VNode }>() });
  if (made.current.groups !== groups) made.current = { groups, vnodes: new Map() };
  function draw(item: Item, index: number, gap: number): VNode {
    const before = made.current.vnodes.get(item.key);
    if (before?.index === index && before.gap === gap) return before.vnode;
    const vnode = item.draw({
      "data-index": index,
      "data-key": item.key,
      ...(gap > 0 && { style: { marginTop: `${gap}px` } }),
      ...(measure && { ref: measure }),
    });
    made.current.vnodes.set(item.key, { index, gap, vnode });
    return vnode;
  }

  const sections: Drawn[] = [];
  for (const { index, gap } of pieces) {
    const { group, item } = flat[index] ?? {};
    if (group === undefined || item === undefined) continue;
    const isFirst = sections.at(-1)?.group !== group;
    if (isFirst) sections.push({ group, gap, head: [], items: [] });
    const part = item === group.head ? "head" : "items";
    sections.at(-1)?.[part].push(draw(item, index, isFirst ? 0 : gap));
  }

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const { key, control } = wanted.current;
    wanted.current = undefined;
    box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] ${control}`)?.focus();
  });

  function walk(event: KeyboardEvent) {
    const target = event.target as HTMLElement;
    const control = CONTROLS.find((control) => target.matches(control));
    if (control === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const rows = groups.flatMap(({ items }) => items.map(({ key }) => key));
    const at = rows.indexOf(target.closest<HTMLElement>("[data-key]")?.dataset["key"] ?? "");
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    const key = to === undefined ? undefined : rows[to];
    if (key === undefined) return;
    event.preventDefault();
    wanted.current = { key, control };
    redraw();
  }

  return (
    <div
      class="sections"
      ref={box}
      style={{ paddingBottom: `${rest}px` }}
      data-window={measure === undefined ? undefined : ""}
      onFocusIn={(event) => {
        focused.current = (event.target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset["key"];
      }}
      onKeyDown={walk}
    >
      {sections.map(({ group, gap, head, items }) => (
        <section key={group.key} class="section" style={{ marginTop: `${gap}px` }}>
          {head}
          {items.length > 0 && (
            <ul class="card task-list" aria-label={group.label}>
              {items}
            </ul>
          )}
        </section>
      ))}
      {children}
    </div>
  );
}

const CONTROLS = [".task-title", ".tick input", ".task-restore"];
