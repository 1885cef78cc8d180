// What was deleted lately, and the way back.

import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import { trashOf } from "../../model/rows";
import type { Store } from "tandem-client";
import { text } from "../../text";
import type { ListAct } from "../lists/use_lists";
import { Notice } from "../notice";
import { useNow } from "../use_now";
import type { Act } from "./use_tasks";

const DAY_MILLIS = 86_400_000;

interface Props {
  store: Store;
  act: Pick<Act, "restore">;
  listAct: Pick<ListAct, "restore">;
}

export function TrashPage({ store, act, listAct }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const now = useNow();
  const [busy, setBusy] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [said, setSaid] = useState<string>();
  const { lists, tasks } = trashOf(store);
  const things = [
    ...lists.map((list) => ({ ...list, note: text.trashedList, restore: listAct.restore })),
    ...tasks.map((task) => ({ ...task, note: undefined, restore: act.restore })),
  ];

  async function bringBack({ id, title, restore }: (typeof things)[number]) {
    if (busy !== undefined) return;
    setBusy(id);
    setFailure(undefined);
    setSaid(undefined);
    try {
      await restore(id, crypto.randomUUID());
      setSaid(text.broughtBack(title));
      // The button that had the focus goes.
      heading.current?.focus();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(undefined);
    }
  }

  return (
    <>
      <div class="list-head">
        <h1 ref={heading} tabIndex={-1}>
          {text.trash}
        </h1>
      </div>
      <p class="quiet">{text.trashHint}</p>
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {said !== undefined && <Notice tone="calm">{said}</Notice>}
      {things.length > 0 ? (
        <ul class="card task-list" aria-label={text.trash}>
          {things.map((thing) => (
            <li key={thing.id} class="task trashed">
              <div class="task-main">
                <p class="trashed-title" dir="auto">
                  {thing.title}
                </p>
                <p class="task-facts quiet">
                  {thing.note !== undefined && <span>{thing.note}</span>}
                  {thing.purgeTime && <span>{text.daysLeft(daysUntil(thing.purgeTime, now))}</span>}
                </p>
              </div>
              <button
                type="button"
                class="button button-quiet"
                aria-label={text.bringBackThis(thing.title)}
                aria-disabled={busy !== undefined}
                onClick={() => void bringBack(thing)}
              >
                {busy === thing.id ? `${text.bringingBack}…` : text.bringBack}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <div class="empty">
          <p>{text.trashEmpty}</p>
        </div>
      )}
    </>
  );
}

function daysUntil(time: Timestamp, now: Date): number {
  return Math.ceil((timestampMs(time) - now.getTime()) / DAY_MILLIS);
}
