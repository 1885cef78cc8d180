// What can be done with a label as a whole. The feed tells every task that changes by it.

import type { TaskClients } from "tandem-client";
import { tasksOf } from "../../model/rows";
import { text } from "../../text";
import { labelHref } from "../place";
import type { Live } from "../use_live";
import type { Undoable } from "./undo_bar";

/** As many as one batch takes. */
const BATCH = 1_000;

export function useLabels(
  { labels: client, tasks }: TaskClients,
  { held }: Live,
  onUndoable: (done: Undoable) => void,
) {
  async function rename(name: string, newName: string, requestId: string): Promise<string> {
    return (await client.renameLabel({ name, newName, requestId })).label?.name ?? newName;
  }

  async function remove(name: string, requestId: string): Promise<void> {
    const before = tasksOf(held).filter(({ labels }) => labels.includes(name));
    await client.deleteLabel({ name, requestId });
    location.hash = "#open";
    const undo = async (requestId: string) => {
      for (let from = 0; from < before.length; from += BATCH) {
        const requests = before.slice(from, from + BATCH).map(({ id, labels }) => ({
          task: { id, labels },
          updateMask: { paths: ["labels"] },
        }));
        // Each part of it is an intent of its own; a repeat of one changes nothing.
        await tasks.batchUpdateTasks({ requests, ...(from === 0 && { requestId }) });
      }
      location.hash = labelHref(name);
    };
    // The trash is not edited, neither by us.
    const inTrash = [...held.store.tasks.values()].filter(({ labels }) => labels.includes(name)).length - before.length;
    const words = inTrash > 0 ? `${text.removedLabel(name)} ${text.labelInTrash(inTrash)}` : text.removedLabel(name);
    onUndoable({ words, gone: true, undo });
  }

  return { rename, remove };
}

export type LabelAct = ReturnType<typeof useLabels>;
