import { useEffect, useState } from "preact/hooks";

/** The part of the address after `#`: views are links, so that back, reload and middle click do what they should. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    // It may have changed between the first drawing and now.
    update();
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return hash.slice(1);
}
