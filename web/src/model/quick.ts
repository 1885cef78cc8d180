// Reads what was typed into the box for a new task: "pay rent every 1st at 9:00 #home !high". Everything that is
// understood is told as a chip before it is sent, and each can be turned back into plain words. Pure.

import { quickWords as say } from "../text/quick";
import { addDays } from "./civil";
import { readDate, readEvery, readTime, type Read } from "./quick_dates";
import { firstOf } from "./quick_first";
import { formatRule, type Rule } from "./rule";

export type PriorityName = (typeof say.priorities)[keyof typeof say.priorities];

/** What was understood of some words of the text. */
export type Understood =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "time"; readonly time: string }
  | { readonly kind: "rule"; readonly rule: Rule; readonly fromDone: boolean }
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "list"; readonly listId: string; readonly title: string }
  | { readonly kind: "priority"; readonly priority: PriorityName };

/** One understood thing, with the words as they were typed. */
export type Piece = Understood & { readonly words: string };

export interface Quick {
  readonly title: string;
  readonly pieces: readonly Piece[];
  readonly date: string;
  readonly time: string;
  readonly rrule: string;
  readonly fromDone: boolean;
  readonly labels: readonly string[];
  readonly priority: PriorityName | undefined;
  /** Unset when no list was named. */
  readonly listId: string | undefined;
}

export interface Around {
  /** The present day and time where the person is. */
  readonly today: string;
  readonly time: string;
  readonly lists: readonly { readonly id: string; readonly title: string }[];
  /** Words that were understood and are to be plain words after all. */
  readonly plain: ReadonlySet<string>;
}

/** A word, and how it is compared: in small letters, without the comma at its end. */
export interface Word {
  readonly typed: string;
  readonly word: string;
}

export function readQuick(text: string, around: Around): Quick {
  const words: Word[] = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((typed) => ({ typed, word: typed.toLowerCase().replace(/[,.;]$/, "") }));
  const title: string[] = [];
  const pieces: Piece[] = [];
  for (let at = 0; at < words.length; ) {
    const found = readAt(words, at, around, pieces);
    const typed = words.slice(at, at + (found?.length ?? 1)).map(({ typed }) => typed).join(" ");
    if (found !== undefined && !around.plain.has(typed)) {
      pieces.push(...found.is.map((is) => ({ ...is, words: typed })));
      at += found.length;
    } else {
      title.push(words[at]?.typed ?? "");
      at += 1;
    }
  }
  // A task needs a title: what is nothing but a date or a label is one.
  if (title.length === 0) return sum(text.trim(), [], around);
  return sum(title.join(" "), pieces, around);
}

type Found = Read<Understood>;

function readAt(words: readonly Word[], at: number, around: Around, before: readonly Piece[]): Found | undefined {
  const has = (kind: Understood["kind"]) => before.some((piece) => piece.kind === kind);
  const mark = readMark(words[at]?.typed ?? "", around, has);
  if (mark !== undefined) return { is: [mark], length: 1 };
  if (say.notAfter.includes(words[at - 1]?.word ?? "")) return undefined;
  const readings: (Found | undefined)[] = [
    has("rule") ? undefined : readEvery(words, at),
    has("date") ? undefined : readDate(words, at, around.today),
    has("time") ? undefined : readTime(words, at),
  ];
  return readings.find((reading) => reading !== undefined);
}

function readMark(typed: string, around: Around, has: (kind: Understood["kind"]) => boolean): Understood | undefined {
  const [, sign, name = ""] = /^([#!@])([^\s#!@].*)$/.exec(typed) ?? [];
  // A number is a number of something: "fix #12".
  if (sign === "#" && !/^\d+$/.test(name)) return { kind: "label", label: name.replace(/[,.;]$/, "") };
  if (sign === "!" && !has("priority") && Object.hasOwn(say.priorities, name.toLowerCase())) {
    return { kind: "priority", priority: say.priorities[name.toLowerCase() as keyof typeof say.priorities] };
  }
  if (sign === "@" && !has("list")) {
    const list = around.lists.find(({ title }) => sameName(title, name));
    if (list !== undefined) return { kind: "list", listId: list.id, title: list.title };
  }
  return undefined;
}

/** `@Big_project` and `@big-project` stand for the list "Big project". */
function sameName(title: string, name: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]+/g, " ").trim();
  return plain(title) === plain(name);
}

function sum(title: string, pieces: readonly Piece[], around: Around): Quick {
  const one = <Kind extends Understood["kind"]>(kind: Kind) =>
    pieces.find((piece): piece is Extract<Piece, { kind: Kind }> => piece.kind === kind);
  const [rule, time] = [one("rule"), one("time")?.time ?? ""];
  let date = one("date")?.date ?? "";
  if (date === "" && (rule !== undefined || time !== "")) {
    // What is over today begins at the next chance.
    const from = time !== "" && time <= around.time ? addDays(around.today, 1) : around.today;
    date = rule === undefined ? from : firstOf(rule.rule, from);
  }
  return {
    title,
    pieces,
    date,
    time,
    rrule: rule === undefined ? "" : formatRule(rule.rule),
    fromDone: rule?.fromDone ?? false,
    labels: pieces.flatMap((piece) => (piece.kind === "label" ? [piece.label] : [])),
    priority: one("priority")?.priority,
    listId: one("list")?.listId,
  };
}
