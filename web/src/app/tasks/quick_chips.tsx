import type { ComponentChildren } from "preact";
import { Recurrence_Basis } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import type { Piece, Quick } from "../../model/quick";
import { repeatWords } from "../../model/rule_words";
import { shortDay } from "../../model/when";
import { text } from "../../text";
import { Calendar, Cross, Flag, Inbox, Repeat, Tag } from "../icons";

interface Props {
  id: string;
  quick: Quick;
  today: string;
  /** These words are no more than words. */
  onPlain: (words: string) => void;
}

/** What was understood, each with the way back to plain words. */
export function QuickChips({ id, quick, today, onPlain }: Props) {
  return (
    <ul class="chips" id={id} aria-label={text.understood}>
      {quick.pieces.map((piece) => {
        const [icon, words] = chipOf(piece, quick, today);
        return (
          <li key={piece.words} class="chip">
            {icon}
            <span dir="auto">{words}</span>
            <button type="button" aria-label={text.asWords(piece.words)} onClick={() => onPlain(piece.words)}>
              <Cross />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function chipOf(piece: Piece, { pieces, date, time, rrule }: Quick, today: string): [ComponentChildren, string] {
  const has = (kind: Piece["kind"]) => pieces.some((other) => other.kind === kind);
  const day = date === "" ? "" : shortDay(date, today);
  switch (piece.kind) {
    case "date":
      return [<Calendar />, has("time") ? `${day}, ${time}` : day];
    case "time":
      // Where no day was named, it is the next one that has this time.
      return [<Calendar />, has("date") || has("rule") ? text.atTime(time) : `${day}, ${time}`];
    case "rule": {
      const words = repeatWords({ rrule, basis: piece.fromDone ? Recurrence_Basis.COMPLETION : Recurrence_Basis.DUE });
      return [<Repeat />, has("date") ? words : `${words}, ${text.firstOn(day)}`];
    }
    case "label":
      return [<Tag />, piece.label];
    case "list":
      return [<Inbox />, piece.title];
    case "priority":
      return [<Flag />, text.priority[piece.priority]];
  }
}
