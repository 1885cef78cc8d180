import { useId } from "preact/hooks";
import type { Draft } from "../../model/draft";
import { browserZone } from "../../model/when";
import { text } from "../../text";

interface Props {
  draft: Draft;
  /** The zone that the task has. */
  stored: string;
  busy: boolean;
  onChange: (changed: Partial<Draft>) => void;
}

/** Day, time and zone of a due date. A time needs a day, and a zone needs a time; what is stored is never converted. */
export function DueFields({ draft: { date, time, timeZone }, stored, busy, onChange }: Props) {
  const id = useId();
  const zones = [...new Set(["", browserZone(), stored])];
  return (
    <div class="editor-due">
      <div class="editor-field">
        <label for={`${id}-date`}>{text.dueDate}</label>
        <input
          id={`${id}-date`}
          type="date"
          max="9999-12-31"
          value={date}
          readOnly={busy}
          onInput={(event) => {
            const date = event.currentTarget.value;
            onChange(date === "" ? { date, time: "", timeZone: "" } : { date });
          }}
        />
      </div>
      {date !== "" && (
        <div class="editor-field">
          <label for={`${id}-time`}>{text.dueTime}</label>
          <input
            id={`${id}-time`}
            type="time"
            value={time}
            readOnly={busy}
            onInput={(event) => onChange({ time: event.currentTarget.value })}
          />
        </div>
      )}
      {date !== "" && (time !== "" || timeZone !== "") && (
        <div class="editor-field">
          <label for={`${id}-zone`}>{text.timeZone}</label>
          <select
            id={`${id}-zone`}
            value={timeZone}
            disabled={busy}
            onChange={(event) => onChange({ timeZone: event.currentTarget.value })}
          >
            {zones.map((zone) => (
              <option key={zone} value={zone}>
                {zone === "" ? text.floating : zone.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </div>
      )}
    </div>
  );
}
