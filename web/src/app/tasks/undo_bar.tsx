import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../../failure";
import { text } from "../../text";
import { Cross } from "../icons";

/** Something that was done and can be taken back. */
export interface Undoable {
  readonly words: string;
  /** Whether what had the focus is gone. */
  readonly gone: boolean;
  readonly undo: (requestId: string) => Promise<void>;
}

interface Props {
  undoable: Undoable;
  onGone: () => void;
}

/** The way back. It stays until it is used or dismissed: nobody has to be quick. */
export function UndoBar({ undoable: { words, gone, undo }, onGone }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const requestId = useRef(crypto.randomUUID());
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();

  useLayoutEffect(() => {
    if (gone) button.current?.focus();
  }, [gone]);

  async function takeBack() {
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await undo(requestId.current);
      onGone();
    } catch (error) {
      setFault(failureOf(error).text);
      setBusy(false);
    }
  }

  return (
    <div class="undo" onKeyDown={(event) => event.key === "Escape" && onGone()}>
      <p class="undo-text" role={fault === undefined ? "status" : "alert"}>
        {fault ?? words}
      </p>
      <button type="button" class="button undo-button" ref={button} aria-disabled={busy} onClick={takeBack}>
        {busy ? `${text.undoing}…` : text.undo}
      </button>
      <button type="button" class="icon-button" aria-label={text.dismiss} onClick={onGone}>
        <Cross />
      </button>
    </div>
  );
}
