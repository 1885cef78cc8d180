import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { text } from "../text";

interface Props {
  title: string;
  hint: string;
  action: string;
  onYes: () => void;
  onNo: () => void;
}

/** Asks before something that cannot be taken back. Escape and what is not the one button mean no. */
export function Confirm({ title, hint, action, onYes, onNo }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key, which is meant for the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog class="card confirm" ref={dialog} aria-labelledby={id} aria-describedby={`${id}-hint`} onCancel={onNo} onClose={onNo}>
      <h2 id={id} dir="auto">
        {title}
      </h2>
      <p id={`${id}-hint`} class="quiet">
        {hint}
      </p>
      <div class="confirm-buttons">
        {/* First, so that it has the focus. */}
        <button type="button" class="button button-quiet" onClick={onNo}>
          {text.cancel}
        </button>
        <button type="button" class="button button-bad" onClick={onYes}>
          {action}
        </button>
      </div>
    </dialog>
  );
}
