import type { ReplicaState } from "tandem-client";
import { text } from "../text";
import { Notice } from "./notice";

interface Props {
  state: ReplicaState;
  online: boolean;
}

/** Where the person's edits are. Nothing is said while they arrive as they are made. */
export function SyncStatus({ state: { unsent, unreachable, lasting }, online }: Props) {
  const waiting = unsent > 0 ? text.waitingEdits(unsent) : "";
  if (!lasting) return <Notice tone="calm">{[online ? text.keptNowhere : text.offlineNowhere, waiting].filter(Boolean).join(" ")}</Notice>;
  if (!online) return <Notice tone="calm">{[text.offline, waiting].filter(Boolean).join(" ")}</Notice>;
  if (unreachable && unsent > 0) return <Notice tone="calm">{`${text.unreachableEdits} ${waiting}`}</Notice>;
  return null;
}
