import { useLayoutEffect } from "preact/hooks";

/** A page that is closed can keep nothing any more: the browser asks first. */
export function useAskBeforeUnload(dirty: boolean) {
  // At once, and not when that was drawn.
  useLayoutEffect(() => {
    if (!dirty) return undefined;
    const ask = (event: Event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);
}
