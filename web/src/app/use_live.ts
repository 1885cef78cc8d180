// What this page holds, kept true by the feed for as long as somebody looks: one stream per page, and none behind
// other tabs, since a browser allows six connections to one address.

import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { failureOf, type Failure } from "../failure";
import type { TaskClients } from "tandem-client";
import { Feed } from "tandem-client";
import { heldReducer, nothingHeld } from "tandem-client";
import { useVisible } from "./use_visible";

export function useLive(clients: TaskClients, online: boolean) {
  const [held, dispatch] = useReducer(heldReducer, nothingHeld);
  const [late, setLate] = useState<Failure>();
  const [tries, setTries] = useState(0);
  const visible = useVisible();

  const feed = useMemo(
    () =>
      new Feed(clients.changes, {
        restart: () => dispatch({ type: "restart" }),
        arrived: (updates) => dispatch({ type: "arrived", updates }),
        whole: () => dispatch({ type: "whole" }),
        live: () => setLate(undefined),
        late: (error) => setLate(failureOf(error)),
      }),
    [clients],
  );
  useEffect(() => {
    if (!online || !visible) return;
    const running = new AbortController();
    void feed.run(running.signal);
    return () => running.abort();
  }, [feed, online, visible, tries]);

  const again = () => {
    setLate(undefined);
    setTries(tries + 1);
  };
  return { held, dispatch, late, again };
}

export type Live = ReturnType<typeof useLive>;
