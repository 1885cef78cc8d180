// What was deleted lately, the way back, and the way out for good.

import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import { trashOf } from "../../model/rows";
import type { Store } from "tandem-client";
import { text } from "../../text";
import { Confirm } from "../confirm";
import { Bin } from "../icons";
import type { ListAct } from "../lists/use_lists";
import { Notice } from "../notice";
import { useIntent } from "../use_intent";
import { useNow } from "../use_now";
import { useOnline } from "../use_online";
import { Windowed, type Item } from "../windowed";
import type { Act } from "./use_tasks";

const DAY_MILLIS = 86_400_000;
/** Of a row until it was drawn, in pixels. */
const HEIGHT = 66;

interface Props {
  store: Store;
  act: Pick<Act, "restore" | "purge" | "emptyTrash">;
  listAct: Pick<ListAct, "restore">;
}

interface Asking {
  readonly title: string;
  readonly hint: string;
  readonly action: string;
  readonly does: () => Promise<string>;
  readonly id: string;
}

export function TrashPage({ store, act, listAct }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const now = useNow();
  const online = useOnline();
  const intent = useIntent();
  const [busy, setBusy] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [said, setSaid] = useState<string>();
  const [asking, setAsking] = useState<Asking>();
  const { lists, tasks } = trashOf(store);
  const things = [
    ...lists.map((list) => ({ ...list, note: text.trashedList, restore: listAct.restore, purge: undefined })),
    ...tasks.map((task) => ({ ...task, note: undefined, restore: act.restore, purge: act.purge })),
  ];

  /** One thing at a time; `does` answers what there is to say. */
  async function run(id: string, does: () => Promise<string>) {
    if (busy !== undefined) return;
    setBusy(id);
    setFailure(undefined);
    setSaid(undefined);
    try {
      setSaid(await does());
      // The button that had the focus goes.
      heading.current?.focus();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(undefined);
    }
  }

  const bringBack = ({ id, title, restore }: (typeof things)[number]) =>
    run(id, async () => {
      await restore(id, intent(`restore ${id}`));
      return text.broughtBack(title);
    });
  const askToPurge = (id: string, title: string) =>
    setAsking({
      id,
      title: text.purgeAsk(title),
      hint: text.purgeHint,
      action: text.purge,
      does: async () => {
        await act.purge(id, intent(`purge ${id}`));
        return text.purged(title);
      },
    });
  const askToEmpty = () =>
    setAsking({
      id: "all",
      title: text.emptyTrashAsk,
      hint: text.emptyTrashHint(things.length),
      action: text.emptyTrash,
      does: async () => text.emptied(await act.emptyTrash(crypto.randomUUID())),
    });

  const itemOf = (thing: (typeof things)[number], at: number): Item => ({
    key: thing.id,
    height: HEIGHT,
    draw: (place) => (
      <li key={thing.id} class="task trashed" aria-posinset={at + 1} aria-setsize={things.length} {...place}>
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
          class="button button-quiet task-restore"
          aria-label={text.bringBackThis(thing.title)}
          aria-disabled={busy !== undefined}
          onClick={() => void bringBack(thing)}
        >
          {busy === thing.id ? `${text.bringingBack}…` : text.bringBack}
        </button>
        {thing.purge !== undefined && (
          <button
            type="button"
            class="icon-button"
            aria-label={text.purgeThis(thing.title)}
            title={text.purge}
            aria-disabled={busy !== undefined}
            disabled={!online}
            onClick={() => askToPurge(thing.id, thing.title)}
          >
            <Bin />
          </button>
        )}
      </li>
    ),
  });

  return (
    <>
      <div class="list-head">
        <h1 ref={heading} tabIndex={-1}>
          {text.trash}
        </h1>
        {things.length > 0 && (
          <button type="button" class="button button-quiet" aria-disabled={busy !== undefined} disabled={!online} onClick={askToEmpty}>
            {busy === "all" ? `${text.emptying}…` : text.emptyTrash}
          </button>
        )}
      </div>
      <p class="quiet">{online ? text.trashHint : `${text.trashHint} ${text.purgeNeedsNetwork}`}</p>
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {said !== undefined && <Notice tone="calm">{said}</Notice>}
      {things.length > 0 ? (
        <Windowed box={box} groups={[{ key: "trash", label: text.trash, items: things.map(itemOf) }]} kept={[]} />
      ) : (
        <div class="empty">
          <p>{text.trashEmpty}</p>
        </div>
      )}
      {asking !== undefined && (
        <Confirm
          title={asking.title}
          hint={asking.hint}
          action={asking.action}
          onNo={() => setAsking(undefined)}
          onYes={() => {
            setAsking(undefined);
            void run(asking.id, asking.does);
          }}
        />
      )}
    </>
  );
}

function daysUntil(time: Timestamp, now: Date): number {
  return Math.ceil((timestampMs(time) - now.getTime()) / DAY_MILLIS);
}
