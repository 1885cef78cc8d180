import { useId } from "preact/hooks";
import { browserZone } from "../../model/when";
import { text } from "../../text";

interface Moment {
  readonly date: string;
  readonly time: string;
  readonly timeZone: string;
}

interface Props {
  value: Moment;
  names: { readonly date: string; readonly time: string };
  /** The zone that the task has. */
  stored: string;
  busy: boolean;
  onChange: (value: Moment) => void;
}

/** Day, time and zone. A time needs a day, and a zone needs a time; what is stored is never converted. */
export function DueFields({ value, names, stored, busy, onChange }: Props) {
  const { date, time, timeZone } = value;
  const id = useId();
  const zones = [...new Set(["", browserZone(), stored])];
  return (
    <div class="editor-row">
      <div class="editor-field">
        <label for={`${id}-date`}>{names.date}</label>
        <input
          id={`${id}-date`}
          type="date"
          max="9999-12-31"
          value={date}
          readOnly={busy}
          onInput={(event) => {
            const date = event.currentTarget.value;
            onChange(date === "" ? { date, time: "", timeZone: "" } : { ...value, date });
          }}
        />
      </div>
      {date !== "" && (
        <div class="editor-field">
          <label for={`${id}-time`}>{names.time}</label>
          <input
            id={`${id}-time`}
            type="time"
            value={time}
            readOnly={busy}
            onInput={(event) => onChange({ ...value, time: event.currentTarget.value })}
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
            onChange={(event) => onChange({ ...value, timeZone: event.currentTarget.value })}
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
