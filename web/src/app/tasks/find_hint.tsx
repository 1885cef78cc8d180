// The browser's own search in a page finds what is drawn, and of a long list that is what is near the screen. It is
// left alone, and whoever asks for it hears what finds the rest.

import { useEffect, useState } from "preact/hooks";
import { text } from "../../text";
import { Cross } from "../icons";
import { searchHref } from "../place";

/** Only where a list is not drawn whole. */
export function FindHint() {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
      if (isFind) setAsked(true);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  return (
    <div class="find-hint" role="status">
      {asked && (
        <div class="undo">
          <p class="undo-text">{text.findNearOnly}</p>
          <a class="button undo-link" href={searchHref("")}>
            {text.search}
          </a>
          <button type="button" class="icon-button" aria-label={text.dismiss} onClick={() => setAsked(false)}>
            <Cross />
          </button>
        </div>
      )}
    </div>
  );
}
