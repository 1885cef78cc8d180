import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { text } from "../../text";
import { Plus } from "../icons";
import { TitleForm } from "./title_form";
import type { ListAct, NewListIds } from "./use_lists";

export function NewList({ onCreate }: { onCreate: ListAct["create"] }) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const wasOpen = useRef(false);
  const intent = useRef<{ title: string; ids: NewListIds }>(undefined);

  useLayoutEffect(() => {
    if (wasOpen.current && !open) button.current?.focus();
    wasOpen.current = open;
  }, [open]);

  async function create(title: string) {
    // Another name is another intent.
    if (intent.current?.title !== title) {
      intent.current = { title, ids: { listId: crypto.randomUUID(), requestId: crypto.randomUUID() } };
    }
    await onCreate(title, intent.current.ids);
    intent.current = undefined;
  }

  return open ? (
    <TitleForm
      title=""
      name={text.listTitle}
      field="list.title"
      action={text.create}
      acting={text.creating}
      onSave={create}
      onClose={() => setOpen(false)}
    />
  ) : (
    <button type="button" class="lists-line lists-new" ref={button} onClick={() => setOpen(true)}>
      <Plus />
      {text.newList}
    </button>
  );
}
