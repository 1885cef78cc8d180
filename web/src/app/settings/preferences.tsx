import { useState } from "preact/hooks";
import { text } from "../../text";
import { setShortcuts, shortcutsOn } from "../shortcuts";
import { Panel } from "./panel";

/** What this browser does, and no other one. */
export function Preferences() {
  const [on, setOn] = useState(shortcutsOn);
  return (
    <Panel title={text.preferences}>
      <label class="check">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            setShortcuts(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }}
        />
        {text.shortcuts}
      </label>
    </Panel>
  );
}
