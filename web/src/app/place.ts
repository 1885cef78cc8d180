// Where a person is, as the part of the address after `#` says it.

import { INBOX, type View } from "../model/rows";

export type Place =
  | { readonly page: "list"; readonly listId: string; readonly view: View }
  | { readonly page: "trash" }
  | { readonly page: "account" };

export function placeOf(hash: string): Place {
  if (hash === "account" || hash === "trash") return { page: hash };
  const [, listId = INBOX, view] = /^list\/([^/]+)(?:\/(done))?$/.exec(hash) ?? [];
  if (listId !== INBOX) return { page: "list", listId, view: view === "done" ? "done" : "open" };
  return { page: "list", listId: INBOX, view: hash === "done" ? "done" : "open" };
}

export function hrefOf(listId: string, view: View): string {
  if (listId === INBOX) return `#${view}`;
  return view === "done" ? `#list/${listId}/done` : `#list/${listId}`;
}
