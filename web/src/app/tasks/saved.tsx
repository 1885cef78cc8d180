import type { Held } from "tandem-client";
import { text } from "../../text";
import type { Act } from "./use_tasks";

interface Props {
  held: Held;
  act: Pick<Act, "saved">;
  /** What there is to say besides. */
  told?: string;
}

/** Whether what was done here has arrived. */
export function Saved({ held, act, told = "" }: Props) {
  const status = held.pending.size > 0 ? `${text.saving}…` : told || (act.saved ? text.saved : "");
  return (
    <p class="quiet tasks-status" role="status" dir="auto">
      {status}
    </p>
  );
}
