import { expect, it } from "vitest";
import { INBOX } from "../model/rows";
import { hrefOf, labelHref, placeOf, searchHref } from "./place";

it.each([
  [INBOX, "open"],
  [INBOX, "done"],
  ["0192", "open"],
  ["0192", "done"],
] as const)("the address of list %j, %s, leads there", (listId, view) => {
  expect(placeOf(hrefOf(listId, view).slice(1))).toEqual({ page: "list", listId, view });
});

it.each(["", "open", "sign-up", "list/", "list/a/b"])("the address #%s leads to the inbox", (hash) => {
  expect(placeOf(hash)).toEqual({ page: "list", listId: INBOX, view: "open" });
});

it.each(["today", "upcoming", "trash", "account"] as const)("the address #%s leads to its page", (hash) => {
  expect(placeOf(hash)).toEqual({ page: hash });
});

it.each(["home", "a/b c", "50%", "#"])("the address of the label and of the search for %j leads there", (words) => {
  expect(placeOf(labelHref(words).slice(1))).toEqual({ page: "label", label: words });
  expect(placeOf(searchHref(words).slice(1))).toEqual({ page: "search", query: words });
});

it("an address that was typed wrong is taken as it is", () => {
  expect(placeOf("search/50%")).toEqual({ page: "search", query: "50%" });
  expect(placeOf("search")).toEqual({ page: "search", query: "" });
});
