import { expect, it } from "vitest";
import { INBOX } from "../model/rows";
import { hrefOf, placeOf } from "./place";

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

it.each(["trash", "account"] as const)("the address #%s leads to its page", (hash) => {
  expect(placeOf(hash)).toEqual({ page: hash });
});
