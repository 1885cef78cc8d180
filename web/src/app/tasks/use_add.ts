// Adding from the box of a page: what was added is to be seen, or it is said where it went.

import { useRef, useState } from "preact/hooks";
import { INBOX } from "../../model/rows";
import type { Store } from "tandem-client";
import { text } from "../../text";
import type { Act, NewTask, NewTaskIds } from "./use_tasks";

/** `here` says of a new task where it goes unless its text says otherwise; `away` what to say when this page has it not. */
export function useAdd(
  act: Pick<Act, "add">,
  here: (task: NewTask) => NewTask,
  away: (task: NewTask) => string | undefined = () => undefined,
) {
  const added = useRef<string>(undefined);
  const [told, setTold] = useState("");

  async function add(typed: NewTask, ids: NewTaskIds): Promise<void> {
    setTold("");
    const task = here(typed);
    const words = away(task);
    // It may come long before its answer.
    if (words === undefined) added.current = ids.taskId;
    await act.add(task, ids);
    if (words !== undefined) setTold(words);
  }

  return { add, added, told };
}

export function addedTo({ lists }: Store, { title, listId = INBOX }: NewTask): string {
  return text.addedTo(title, lists.get(listId)?.title ?? text.inbox);
}
