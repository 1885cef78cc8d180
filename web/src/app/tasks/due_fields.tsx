import { useId } from "preact/hooks";
import type { Draft } from "../../model/draft";
import { browserZone } from "../../model/when";
import { text } from "../../text";

interface Moment {
  readonly date: string;
  readonly time: string;
  readonly timeZone: string;
}

interface Props {
  value: Moment;
  /** What these are in the draft. */
  fields: { readonly date: keyof Draft; readonly time: keyof Draft };
  names: { readonly date: string; readonly time: string };
  /** The zone that the task has. */
  stored: string;
  busy: boolean;
  onChange: (value: Moment) => void;
}

/** Day, time and zone. A time needs a day, and a zone needs a time; what is stored is never converted. */
export function DueFields({ value, fields, names, stored, busy, onChange }: Props) {
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
          name={fields.date}
          max="9999-12-31"
          value={date}
          readOnly={busy}
          onInput={(event) => onChange({ ...value, date: event.currentTarget.value })}
        />
      </div>
      {date !== "" && (
        <div class="editor-field">
          <label for={`${id}-time`}>{names.time}</label>
          <input
            id={`${id}-time`}
            type="time"
            name={fields.time}
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

/**
 * The names of the dates and times that are begun and not complete, which have no value then. No event tells when the
 * rest of one is taken away as well, so they are looked at when it matters.
 */
export function halfTypedIn(form: HTMLFormElement | null): string[] {
  const inputs = [...(form?.querySelectorAll<HTMLInputElement>("input[name]") ?? [])];
  return inputs.filter(({ validity }) => validity.badInput).map(({ name }) => name);
}
