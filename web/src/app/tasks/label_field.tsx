import { useId, useRef, useState } from "preact/hooks";
import { text } from "../../text";
import { Cross } from "../icons";

interface Props {
  labels: readonly string[];
  /** Those in use. */
  known: readonly string[];
  busy: boolean;
  onChange: (labels: readonly string[]) => void;
}

/** The labels of a task, as things to take off, and a box for more that suggests those in use. */
export function LabelField({ labels, known, busy, onChange }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");

  function add(label: string) {
    const name = label.trim();
    if (name !== "" && !labels.includes(name)) onChange([...labels, name]);
    setTyped("");
  }

  return (
    <div class="editor-field">
      <label for={id}>{text.labels}</label>
      <div class="label-box">
        {labels.map((label) => (
          <span key={label} class="badge label-chip" dir="auto">
            {label}
            <button
              type="button"
              aria-label={text.takeOff(label)}
              onClick={() => {
                if (busy) return;
                onChange(labels.filter((kept) => kept !== label));
                input.current?.focus();
              }}
            >
              <Cross />
            </button>
          </span>
        ))}
        <input
          id={id}
          ref={input}
          value={typed}
          list={`${id}-known`}
          readOnly={busy}
          placeholder={text.labelsHint}
          maxLength={100}
          autocomplete="off"
          enterkeyhint="enter"
          dir="auto"
          onInput={(event) => {
            const { value } = event.currentTarget;
            // Chosen from the list, or ended with a comma.
            const chosen = event instanceof InputEvent && event.inputType === "insertReplacementText";
            if (chosen || value.endsWith(",")) add(value.replace(/,$/, ""));
            else setTyped(value);
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            if (event.key === "Enter" && typed.trim() !== "") {
              event.preventDefault();
              add(typed);
            } else if (event.key === "Backspace" && typed === "" && !busy) onChange(labels.slice(0, -1));
          }}
          // What was typed is meant, also when somebody goes on without Enter.
          onBlur={() => add(typed)}
        />
        <datalist id={`${id}-known`}>
          {known
            .filter((label) => !labels.includes(label))
            .map((label) => (
              <option key={label} value={label} />
            ))}
        </datalist>
      </div>
    </div>
  );
}
