// What was deleted lately, and the way back.

import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../api/errors";
import type { Task } from "../../gen/tandem/tasks/v1/task_pb";
import { trashOf } from "../../model/rows";
import type { Store } from "../../model/store";
import { text } from "../../text";
import { Notice } from "../notice";
import { useNow } from "../use_now";
import type { Act } from "./use_tasks";

const DAY_MILLIS = 86_400_000;

interface Props {
  store: Store;
  act: Pick<Act, "restore">;
}

export function TrashPage({ store, act }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const now = useNow();
  const [busy, setBusy] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [said, setSaid] = useState<string>();
  const { tasks } = trashOf(store);

  async function bringBack({ id, title }: Task) {
    if (busy !== undefined) return;
    setBusy(id);
    setFailure(undefined);
    setSaid(undefined);
    try {
      await act.restore(id, crypto.randomUUID());
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
      {tasks.length > 0 ? (
        <ul class="card task-list" aria-label={text.trash}>
          {tasks.map((thing) => (
            <li key={thing.id} class="task trashed">
              <div class="task-main">
                <p class="trashed-title" dir="auto">
                  {thing.title}
                </p>
                <p class="task-facts quiet">
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
