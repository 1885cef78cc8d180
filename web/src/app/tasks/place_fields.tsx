import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { INBOX } from "../../model/rows";
import type { Held } from "tandem-client";
import { parentsFor } from "../../model/views";
import { text } from "../../text";
import { SelectField } from "./select_field";

interface Place {
  readonly listId: string;
  readonly parentId: string;
}

interface Props extends Place {
  id: string;
  lists: readonly List[];
  held: Held;
  busy: boolean;
  onChange: (place: Place) => void;
}

/** Which list a task is in, and of which task it is a part. A part is always where the whole is. */
export function PlaceFields({ id, listId, parentId, lists, held, busy, onChange }: Props) {
  const parents = parentsFor(held, id, listId);
  const parent = held.store.tasks.get(parentId);
  // Its whole may be done, and is its whole all the same.
  const shown = parent === undefined || parents.some(({ id }) => id === parentId) ? parents : [parent, ...parents];
  return (
    <>
      {lists.length > 0 && (
        <SelectField
          label={text.moveTo}
          value={listId}
          options={[[INBOX, text.inbox], ...lists.map(({ id, title }) => [id, title] as const)]}
          busy={busy}
          onValue={(listId) => onChange({ listId, parentId: "" })}
        />
      )}
      {shown.length > 0 && (
        <SelectField
          label={text.partOfName}
          value={parentId}
          options={[["", text.noParent], ...shown.map(({ id, title }) => [id, title] as const)]}
          busy={busy}
          onValue={(parentId) => onChange({ listId, parentId })}
        />
      )}
    </>
  );
}
