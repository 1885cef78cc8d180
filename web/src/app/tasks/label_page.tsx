// The tasks with one label, from all lists, and what can be done with the label itself.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../../failure";
import { listsOf } from "../../model/rows";
import { labelled } from "../../model/views";
import { browserZone } from "../../model/when";
import { text } from "../../text";
import { Bin, Pencil, Tag } from "../icons";
import { TitleForm } from "../lists/title_form";
import { Notice } from "../notice";
import { labelHref } from "../place";
import type { Live } from "../use_live";
import { useIntent } from "../use_intent";
import { useOnline } from "../use_online";
import { AddTask } from "./add_task";
import { Empty } from "./empty";
import { Saved } from "./saved";
import { TaskList } from "./task_list";
import { useAdd } from "./use_add";
import type { LabelAct } from "./use_labels";
import type { Act } from "./use_tasks";

interface Props {
  label: string;
  live: Live;
  act: Act;
  labelAct: LabelAct;
}

export function LabelPage({ label, live, act, labelAct }: Props) {
  const { held } = live;
  const button = useRef<HTMLButtonElement>(null);
  const [renaming, setRenaming] = useState(false);
  const [fault, setFault] = useState<string>();
  const intent = useIntent();
  const online = useOnline();
  const wasRenaming = useRef(false);
  useLayoutEffect(() => {
    if (wasRenaming.current && !renaming) button.current?.focus();
    wasRenaming.current = renaming;
  }, [renaming]);
  const { add, added, told } = useAdd(act, (task) => ({ ...task, labels: [...new Set([label, ...(task.labels ?? [])])] }));

  async function remove() {
    setFault(undefined);
    try {
      await labelAct.remove(label, intent(`remove ${label}`));
    } catch (error) {
      setFault(failureOf(error).text);
    }
  }

  return (
    <>
      {renaming ? (
        <TitleForm
          title={label}
          name={text.labelName}
          field="new_name"
          action={text.save}
          acting={text.saving}
          onSave={async (name) => {
            if (name.trim() === label) return;
            const now = await labelAct.rename(label, name, intent(`rename ${label} ${name}`));
            location.replace(labelHref(now));
          }}
          onClose={() => setRenaming(false)}
        />
      ) : (
        <div class="list-head">
          <h1 tabIndex={-1} dir="auto" class="label-title">
            <Tag />
            {label}
          </h1>
          <Saved held={held} act={act} told={told} />
          <div class="list-head-buttons">
            <button
              type="button"
              class="icon-button"
              ref={button}
              aria-label={text.rename(label)}
              disabled={!online}
              onClick={() => setRenaming(true)}
            >
              <Pencil />
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label={text.removeLabel(label)}
              disabled={!online}
              onClick={() => void remove()}
            >
              <Bin />
            </button>
          </div>
        </div>
      )}
      {!online && <p class="quiet">{text.labelNeedsNetwork}</p>}
      {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
      <AddTask label={text.newTask} hint={text.newLabelled(label)} lists={listsOf(held.store)} onAdd={add} />
      <TaskList
        sections={(stays) => labelled(held, label, browserZone(), stays)}
        ordered={false}
        label={label}
        live={live}
        act={act}
        added={added}
        empty={<Empty title={text.noneLabelled} hint={text.noneLabelledHint} />}
      />
    </>
  );
}
