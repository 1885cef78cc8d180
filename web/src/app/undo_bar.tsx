import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../api/errors";
import { text } from "../text";
import { Cross } from "./icons";
import type { Removed } from "./use_tasks";

interface Props {
  removed: Removed;
  onUndo: (removed: Removed, requestId: string) => Promise<void>;
  onGone: () => void;
}

/** The way back after a deletion. It stays until it is used or dismissed: nobody has to be quick. */
export function UndoBar({ removed, onUndo, onGone }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const requestId = useRef(crypto.randomUUID());
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();

  // The row that had the focus is gone.
  useLayoutEffect(() => button.current?.focus(), []);

  async function undo() {
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await onUndo(removed, requestId.current);
      onGone();
    } catch (error) {
      setFault(failureOf(error).text);
      setBusy(false);
    }
  }

  return (
    <div class="undo" onKeyDown={(event) => event.key === "Escape" && onGone()}>
      <p class="undo-text" role={fault === undefined ? "status" : "alert"}>
        {fault ?? text.removed(removed.task.title)}
      </p>
      <button type="button" class="button undo-button" ref={button} aria-disabled={busy} onClick={undo}>
        {busy ? `${text.undoing}…` : text.undo}
      </button>
      <button type="button" class="icon-button" aria-label={text.dismiss} onClick={onGone}>
        <Cross />
      </button>
    </div>
  );
}
