import { useEffect, useState } from "preact/hooks";

/** The code in the part of an address after `#`, which no server sees; empty when there is none. */
export function codeIn(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get("code") ?? "";
}

/** The code that the link in a mail brought. It is taken out of the address, and so out of the history. */
export function useMailedCode() {
  const [code, setCode] = useState(() => codeIn(location.hash));
  useEffect(() => {
    if (location.hash !== "") history.replaceState(null, "", location.pathname);
  }, []);
  return [code, setCode] as const;
}
