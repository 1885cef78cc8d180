// Where a person is, as the part of the address after `#` says it.

import { INBOX, type View } from "../model/rows";

export type Place =
  | { readonly page: "list"; readonly listId: string; readonly view: View }
  | { readonly page: "label"; readonly label: string }
  | { readonly page: "search"; readonly query: string }
  | { readonly page: "today" | "upcoming" | "trash" | "account" };

const PAGES = ["today", "upcoming", "trash", "account"] as const;

export function placeOf(hash: string): Place {
  const page = PAGES.find((page) => page === hash);
  if (page !== undefined) return { page };
  const [, kind, rest = ""] = /^(label|search)(?:\/(.*))?$/.exec(hash) ?? [];
  if (kind === "search") return { page: "search", query: decoded(rest) };
  if (kind === "label" && rest !== "") return { page: "label", label: decoded(rest) };
  const [, listId = INBOX, view] = /^list\/([^/]+)(?:\/(done))?$/.exec(hash) ?? [];
  if (listId !== INBOX) return { page: "list", listId, view: view === "done" ? "done" : "open" };
  return { page: "list", listId: INBOX, view: hash === "done" ? "done" : "open" };
}

export function hrefOf(listId: string, view: View): string {
  if (listId === INBOX) return `#${view}`;
  return view === "done" ? `#list/${listId}/done` : `#list/${listId}`;
}

export const labelHref = (label: string): string => `#label/${encodeURIComponent(label)}`;
export const searchHref = (query: string): string => (query === "" ? "#search" : `#search/${encodeURIComponent(query)}`);

/** An address can be typed by hand. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
