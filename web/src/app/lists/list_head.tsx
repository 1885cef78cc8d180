import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { List } from "../../gen/tandem/tasks/v1/list_pb";
import { text } from "../../text";
import { Pencil } from "../icons";
import { useIntent } from "../use_intent";
import { TitleForm } from "./title_form";
import type { ListAct } from "./use_lists";

interface Props {
  /** Unset for the inbox, which cannot be renamed. */
  list: List | undefined;
  act: Pick<ListAct, "rename">;
}

/** The name of the list that is shown, and what can be done with it. */
export function ListHead({ list, act }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [renaming, setRenaming] = useState<List>();
  const intent = useIntent();
  const wasRenaming = useRef(false);

  useLayoutEffect(() => {
    if (wasRenaming.current && renaming === undefined) button.current?.focus();
    wasRenaming.current = renaming !== undefined;
  }, [renaming]);

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
        action={text.save}
        acting={text.saving}
        onSave={save}
        onClose={() => setRenaming(undefined)}
      />
    );
  }
  return (
      <div class="list-head">
        <h1 tabIndex={-1} dir="auto">
          {list?.title ?? text.inbox}
        </h1>
        {list !== undefined && (
          <div class="list-head-buttons">
            <button
              type="button"
              class="icon-button"
              ref={button}
              aria-label={text.rename(list.title)}
              onClick={() => setRenaming(list)}
            >
              <Pencil />
            </button>
          </div>
        )}
      </div>
  );
}
