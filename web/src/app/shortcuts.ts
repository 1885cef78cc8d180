// The one key that works everywhere. Who speaks to the computer or types with a switch can turn it off (WCAG 2.1.4).

import { useEffect } from "preact/hooks";

const OFF = "tandem.shortcuts-off";

export const shortcutsOn = (): boolean => localStorage.getItem(OFF) === null;

export function setShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

/** `/` leads to the search. */
export function useSearchKey(): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !shortcutsOn()) return;
      const { target } = event;
      if (target instanceof HTMLElement && target.closest("input, textarea, select, dialog, [contenteditable]")) return;
      event.preventDefault();
      const input = document.getElementById("search-input");
      if (input !== null) input.focus();
      else location.hash = "#search";
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
}
