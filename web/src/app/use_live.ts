// What this page holds of the person's lists and tasks: fetched when it opens, and again when somebody comes back to it.

import { useEffect, useReducer, useState } from "preact/hooks";
import type { Failure } from "../api/errors";
import type { TaskClients } from "../api/transport";
import { bringAll } from "../model/snapshot";
import { heldReducer, nothingHeld } from "../model/store";
import { useVisible } from "./use_visible";

export function useLive(clients: TaskClients, online: boolean) {
  const [held, dispatch] = useReducer(heldReducer, nothingHeld);
  const [late, setLate] = useState<Failure>();
  const [tries, setTries] = useState(0);
  const visible = useVisible();

  useEffect(() => {
    if (!online || !visible) return;
    const running = new AbortController();
    const sink = {
      restart: () => dispatch({ type: "restart" }),
      arrived: (updates) => dispatch({ type: "arrived", updates }),
      whole: () => {
        dispatch({ type: "whole" });
        setLate(undefined);
      },
      failed: setLate,
    } satisfies Parameters<typeof bringAll>[1];
    void bringAll(clients, sink, running.signal);
    return () => running.abort();
  }, [clients, online, visible, tries]);

  const again = () => {
    setLate(undefined);
    setTries(tries + 1);
  };
  return { held, dispatch, late, again };
}

export type Live = ReturnType<typeof useLive>;
