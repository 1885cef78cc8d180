import { useId, useState } from "preact/hooks";
import { firstText as text } from "../text/first";

interface Props {
  name: string;
  label: string;
  type: "email" | "password" | "text";
  autocomplete: string;
  value: string;
  onValue: (value: string) => void;
  fault?: string | undefined;
  hint?: string | undefined;
  optional?: boolean;
}

/** A labelled input with its hint and, when there is one, what to mend. */
export function Field({ name, label, type, autocomplete, value, onValue, fault, hint, optional = false }: Props) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const note = fault ?? hint;
  return (
    <div class="field">
      <label for={id}>
        {label} {optional && <span class="quiet">({text.optional})</span>}
      </label>
      <div class="field-box">
        <input
          id={id}
          name={name}
          // Preact types each kind of input apart, and a union of kinds fits none of them.
          type={(shown ? "text" : type) as "text"}
          autocomplete={autocomplete}
          autocapitalize={type === "text" ? "words" : "none"}
          spellcheck={false}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          required={!optional}
          aria-invalid={fault !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {type === "password" && (
          <button
            type="button"
            class="field-reveal"
            aria-pressed={shown}
            aria-label={`${shown ? text.hidePassword : text.showPassword} ${label.toLowerCase()}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? text.hidePassword : text.showPassword}
          </button>
        )}
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} class={fault === undefined ? "field-hint" : "field-fault"}>
          {note}
        </p>
      )}
    </div>
  );
}
