import { useRef } from "preact/hooks";

/** A request id per intent: the same for as long as what is wanted stays the same, however often it is tried. */
export function useIntent(): (wanted: string) => string {
  const last = useRef({ wanted: "", id: "" });
  return (wanted) => {
    if (last.current.wanted !== wanted) last.current = { wanted, id: crypto.randomUUID() };
    return last.current.id;
  };
}
