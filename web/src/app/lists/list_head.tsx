import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../../failure";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { text } from "../../text";
import { ArrowDown, ArrowUp, Bin, Pencil } from "../icons";
import { Notice } from "../notice";
import { useIntent } from "../use_intent";
import { TitleForm } from "./title_form";
import type { ListAct } from "./use_lists";

interface Props {
  /** Unset for the inbox, which cannot be renamed or deleted. */
  list: List | undefined;
  /** All of them, in their order. */
  lists: readonly List[];
  act: Pick<ListAct, "rename" | "remove" | "move">;
}

/** The name of the list that is shown, and what can be done with it. */
export function ListHead({ list, lists, act }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [renaming, setRenaming] = useState<List>();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const intent = useIntent();
  const wasRenaming = useRef(false);

  useLayoutEffect(() => {
    if (wasRenaming.current && renaming === undefined) button.current?.focus();
    wasRenaming.current = renaming !== undefined;
  }, [renaming]);

  async function remove(list: List) {
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await act.remove(list, intent("delete"));
    } catch (error) {
      setFault(failureOf(error).text);
      setBusy(false);
    }
  }

  const at = lists.findIndex(({ id }) => id === list?.id);
  async function move(list: List, by: -1 | 1) {
    const beside = lists[at + by];
    if (busy || beside === undefined) return;
    setBusy(true);
    setFault(undefined);
    try {
      await act.move(list, { case: by < 0 ? "beforeId" : "afterId", value: beside.id });
    } catch (error) {
      setFault(failureOf(error).text);
    }
    setBusy(false);
  }

  if (list !== undefined && renaming !== undefined) {
    // What is saved replaces the name as it was when the form opened, or as it was found to be since.
    const save = async (title: string) => {
      if (title.trim() === renaming.title) return;
      try {
        await act.rename(renaming, title, intent(`${renaming.etag} ${title}`));
      } catch (error) {
        setRenaming(list);
        throw error;
      }
    };
    return (
      <TitleForm
        title={renaming.title}
        name={text.listTitle}
        field="list.title"
        action={text.save}
        acting={text.saving}
        onSave={save}
        onClose={() => setRenaming(undefined)}
      />
    );
  }
  return (
    <>
      <div class="list-head">
        <h1 tabIndex={-1} dir="auto">
          {list?.title ?? text.inbox}
        </h1>
        {list !== undefined && (
          <div class="list-head-buttons">
            {lists.length > 1 &&
              ([-1, 1] as const).map((by) => (
                <button
                  key={by}
                  type="button"
                  class="icon-button"
                  aria-label={by < 0 ? text.moveListUp(list.title) : text.moveListDown(list.title)}
                  disabled={lists[at + by] === undefined}
                  onClick={() => void move(list, by)}
                >
                  {by < 0 ? <ArrowUp /> : <ArrowDown />}
                </button>
              ))}
            <button
              type="button"
              class="icon-button"
              ref={button}
              aria-label={text.rename(list.title)}
              onClick={() => setRenaming(list)}
            >
              <Pencil />
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label={text.removeList(list.title)}
              aria-disabled={busy}
              onClick={() => void remove(list)}
            >
              <Bin />
            </button>
          </div>
        )}
      </div>
      {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
    </>
  );
}
