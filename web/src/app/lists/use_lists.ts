// What can be done with lists. As with tasks, every write carries a request id, made once per intent.

import type { Seen, TaskClients } from "tandem-client";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { INBOX } from "../../model/rows";
import { text } from "../../text";
import { hrefOf, placeOf } from "../place";
import type { Undoable } from "../tasks/undo_bar";

export interface NewListIds {
  readonly listId: string;
  readonly requestId: string;
}

/** Right before or behind another list. */
export type ListPosition = { readonly case: "beforeId" | "afterId"; readonly value: string };

export function useLists({ lists: client }: TaskClients, onUndoable: (done: Undoable | undefined) => void) {
  async function create(title: string, ids: NewListIds): Promise<void> {
    const list = await client.createList({ list: { title }, ...ids });
    location.hash = hrefOf(list.id, "open");
  }

  async function rename(base: List, title: string, requestId: string): Promise<void> {
    const list = { id: base.id, etag: base.etag, title };
    const seen: Seen = { before: base };
    await client.updateList({ list, updateMask: { paths: ["title"] }, requestId }, seen);
  }

  /** Without a place it goes to the end. */
  async function move({ id }: List, position?: ListPosition): Promise<void> {
    await client.moveList({ id, ...(position && { position }), requestId: crypto.randomUUID() });
  }

  async function remove({ id, title }: List, requestId: string): Promise<void> {
    await client.deleteList({ id, requestId });
    // Whoever has gone on meanwhile is not called back.
    const place = placeOf(location.hash.slice(1));
    if (place.page === "list" && place.listId === id) location.hash = hrefOf(INBOX, "open");
    const undo = async (requestId: string) => {
      await client.undeleteList({ id, requestId });
      location.hash = hrefOf(id, "open");
    };
    onUndoable({ words: text.removedList(title), gone: true, undo });
  }

  /** From the trash, where the bar that offers the same may still stand. */
  async function restore(id: string, requestId: string): Promise<void> {
    await client.undeleteList({ id, requestId });
    onUndoable(undefined);
  }

  return { create, rename, move, remove, restore };
}

export type ListAct = ReturnType<typeof useLists>;
