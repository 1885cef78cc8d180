import { useEffect, useState } from "preact/hooks";

/** Whether the browser believes that it has a network. A true may be wrong, a false never is. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(isOnline);
  useEffect(() => {
    const update = () => setOnline(isOnline());
    // What happened since the state was made, and was heard by nobody.
    update();
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => {
      removeEventListener("online", update);
      removeEventListener("offline", update);
    };
  }, []);
  return online;
}

/** Where nobody says, as where the first view is drawn, there is one. */
const isOnline = () => globalThis.navigator?.onLine !== false;
