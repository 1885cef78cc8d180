// The order of the lists: by grip, by keyboard and by buttons, told to who cannot see it.

import { useEffect, useRef, useState } from "preact/hooks";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { text } from "../../text";
import type { Box, Drag } from "../use_drag";
import type { ListAct } from "./use_lists";

export function useListMoves(box: Box, lists: readonly List[], move: ListAct["move"]) {
  const [said, setSaid] = useState("");
  const moved = useRef<string>(undefined);
  const busy = useRef(false);

  async function to(id: string, gap: number) {
    const rest = lists.filter((list) => list.id !== id);
    const list = lists.find((list) => list.id === id);
    if (list === undefined || busy.current || lists.indexOf(list) === gap) return;
    busy.current = true;
    const focused = box.current?.contains(document.activeElement) ?? false;
    try {
      const [before, after] = [rest[gap], rest[gap - 1]];
      await move(list, before === undefined ? after && { case: "afterId", value: after.id } : { case: "beforeId", value: before.id });
      if (focused) moved.current = id;
      setSaid(text.moved(list.title, gap + 1, lists.length));
    } finally {
      busy.current = false;
    }
  }

  useEffect(() => {
    if (moved.current === undefined || document.activeElement !== document.body) return;
    box.current?.querySelector<HTMLElement>(`[data-id="${moved.current}"] a`)?.focus();
    moved.current = undefined;
  });

  return {
    said,
    restOf: (id: string) => lists.map((list) => list.id).filter((other) => other !== id),
    onDrop: ({ id, gap }: Drag) => void to(id, gap),
    stepTo: (id: string, by: -1 | 1) => {
      const gap = lists.findIndex((list) => list.id === id) + by;
      const list = lists.find((list) => list.id === id);
      if (gap < 0 || gap >= lists.length) setSaid(text.cannotMove(list?.title ?? ""));
      else void to(id, gap);
    },
  };
}
