import { useId } from "preact/hooks";

interface Props {
  label: string;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  busy: boolean;
  onValue: (value: string) => void;
}

/** One of a few. */
export function SelectField({ label, value, options, busy, onValue }: Props) {
  const id = useId();
  return (
    <div class="editor-field">
      <label for={id}>{label}</label>
      <select id={id} value={value} disabled={busy} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
