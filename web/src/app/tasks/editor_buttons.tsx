import type { Direction } from "../../model/reorder";
import { text } from "../../text";
import { ArrowDown, ArrowUp } from "../icons";

interface Props {
  busy: boolean;
  canStep: (direction: Direction) => boolean;
  onStep: (direction: Direction) => void;
  onCancel: () => void;
  onAddPart: () => void;
  onSkip?: () => void;
  onGiveUp?: () => void;
}

/** What can be done with a task that is open in the editor, besides editing it. */
export function EditorButtons({ busy, canStep, onStep, onCancel, onAddPart, onSkip, onGiveUp }: Props) {
  return (
    <div class="editor-buttons">
      <button type="submit" class="button button-main" aria-disabled={busy}>
        {busy ? `${text.saving}…` : text.save}
      </button>
      <button type="button" class="button button-quiet" onClick={onCancel}>
        {text.cancel}
      </button>
      {(["up", "down"] as const).map(
        (direction) =>
          (canStep("up") || canStep("down")) && (
            <button
              key={direction}
              type="button"
              class="icon-button"
              aria-label={direction === "up" ? text.moveUp : text.moveDown}
              title={direction === "up" ? text.moveUp : text.moveDown}
              disabled={!canStep(direction)}
              onClick={() => onStep(direction)}
            >
              {direction === "up" ? <ArrowUp /> : <ArrowDown />}
            </button>
          ),
      )}
      <span class="editor-others">
        <button type="button" class="button button-plain" onClick={onAddPart}>
          {text.addPart}
        </button>
        {onSkip !== undefined && (
          <button type="button" class="button button-plain" onClick={onSkip}>
            {text.skip}
          </button>
        )}
        {onGiveUp !== undefined && (
          <button type="button" class="button button-plain" onClick={onGiveUp}>
            {text.giveUp}
          </button>
        )}
      </span>
    </div>
  );
}
