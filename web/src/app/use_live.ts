// What this page shows of the person's tasks, from a replica that outlives it. Whoever looks keeps it true: no stream
// runs behind other tabs, since a browser allows six connections to one address. Edits are sent from there too.

import {
  nothingHeld,
  offlineClients,
  Replica,
  type Held,
  type ReplicaState,
  type Tabs,
  type TaskClients,
} from "tandem-client";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { useEffect, useMemo, useState } from "preact/hooks";
import { failureOf, type Failure } from "../failure";
import { keeping } from "./keeping";
import { useAskBeforeUnload } from "./use_ask_before_unload";
import { useVisible } from "./use_visible";

/** What was done right before somebody signs out is sent within this, or not before the network is back. */
const LAST_MOMENT_MILLIS = 3_000;
const askToKeep = keeping(navigator.storage);
const NOTHING: ReplicaState = { ...nothingHeld, unsent: 0, unkept: 0, troubles: [], late: undefined, unreachable: false, lasting: true };

export function useLive(wire: TaskClients, tabs: Tabs, { id, email }: User, { online, lasting }: { online: boolean; lasting: boolean }) {
  const [replica, setReplica] = useState<Replica>();
  const [state, setState] = useState(NOTHING);
  const [fault, setFault] = useState<Failure>();
  const [tries, setTries] = useState(0);
  const visible = useVisible();
  const sending = visible || state.unsent > 0;

  useEffect(() => {
    let opened: Replica | undefined;
    let gone = false;
    Replica.open({ user: { id, email }, clients: wire, tabs, lasting }).then(
      (replica) => {
        if (gone) return replica.close();
        opened = replica;
        setReplica(replica);
        setState(replica.state);
        replica.subscribe(() => setState(replica.state));
      },
      (error: unknown) => setFault(failureOf(error)),
    );
    return () => {
      gone = true;
      opened?.close();
    };
  }, [id, tries]);
  // The browser, or the person, may have taken away what was kept.
  const onLost = (error: unknown) => setFault(failureOf(error));
  useEffect(() => run(online && visible, (signal) => replica?.follow(signal), onLost), [replica, online, visible]);
  useEffect(() => run(online && sending, (signal) => replica?.deliver(signal), onLost), [replica, online, sending]);

  // A browser that runs out of room drops what pages keep, unless it was asked not to. Some ask the person: not before
  // there is something to lose.
  const waits = state.lasting && state.unsent > 0 && (!online || state.unreachable);
  useEffect(() => {
    if (waits) void askToKeep();
  }, [waits]);

  useAskBeforeUnload(state.unkept > 0);

  const clients = useMemo(() => (replica === undefined ? wire : offlineClients(replica, wire, tabs)), [replica]);
  const held: Held = useMemo(
    // What waits for a network is not on its way.
    () => ({
      store: state.store,
      ready: state.ready,
      pending: online && !state.unreachable ? state.pending : NOTHING.pending,
    }),
    [state, online],
  );
  /** Removals for good do not go through the outbox: the copy is told here, before the feed does it. */
  const gone = (id: string) => void replica?.commit((change) => change.put({ kind: "removed", id }));
  const settled = async () => {
    const sent = (await replica?.settled(LAST_MOMENT_MILLIS)) ?? true;
    return sent && (replica?.state.troubles.length ?? 0) === 0;
  };
  const again = () => {
    setFault(undefined);
    setTries(tries + 1);
  };
  return { held, gone, late: fault ?? (state.late && failureOf(state.late)), again, settled, clients, replica, state };
}

export type Live = ReturnType<typeof useLive>;

/** Until the effect is taken back. */
function run(
  wanted: boolean,
  task: (signal: AbortSignal) => Promise<void> | undefined,
  onLost: (error: unknown) => void,
): (() => void) | undefined {
  if (!wanted) return undefined;
  const running = new AbortController();
  task(running.signal)?.catch((error: unknown) => !running.signal.aborted && onLost(error));
  return () => running.abort();
}
