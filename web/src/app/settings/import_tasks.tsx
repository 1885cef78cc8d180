// Tasks from a file: first what would come of it, then the thing itself.

import type { Client } from "@connectrpc/connect";
import { useId, useState } from "preact/hooks";
import type { List } from "tandem-client/gen/tandem/tasks/v1/list_pb";
import { Format, type ImportTasksResponse_Result, type TransferService } from "tandem-client/gen/tandem/tasks/v1/transfer_service_pb";
import { INBOX } from "../../model/rows";
import { text } from "../../text";
import { Notice } from "../notice";
import { SelectField } from "../tasks/select_field";
import { useForm } from "../use_form";
import { useIntent } from "../use_intent";
import { formatOf } from "./import_format";
import { ImportReport } from "./import_report";
import { Panel } from "./panel";

const MOST_BYTES = 16 * 1024 * 1024;
const FORMATS = (["JSON", "CSV", "ICALENDAR", "TODOIST_CSV", "GOOGLE_TASKS", "VIKUNJA"] as const).map(
  (name) => [String(Format[name]), text.formats[name]] as const,
);

interface Props {
  transfer: Client<typeof TransferService>;
  lists: readonly List[];
}

interface Report {
  readonly dryRun: boolean;
  readonly result: ImportTasksResponse_Result;
}

export function ImportTasks({ transfer, lists }: Props) {
  const id = useId();
  const [file, setFile] = useState<File>();
  const [format, setFormat] = useState<Format>(Format.JSON);
  const [listId, setListId] = useState(INBOX);
  const [progress, setProgress] = useState<{ done: number; total: number }>();
  const [report, setReport] = useState<Report>();
  const [fault, setFault] = useState<string>();
  const intent = useIntent();
  const checked = report?.dryRun === true;

  const { busy, failure, fields, props } = useForm(async () => {
    setFault(undefined);
    if (file === undefined) return setFault(text.noFile);
    if (file.size > MOST_BYTES) return setFault(text.tooLarge);
    const dryRun = !checked;
    setReport(undefined);
    setProgress({ done: 0, total: 0 });
    try {
      const content = new Uint8Array(await file.arrayBuffer());
      // The same file is brought in once, however often it is tried.
      const requestId = dryRun ? "" : intent(`${file.name} ${file.size} ${file.lastModified} ${format} ${listId}`);
      const request = { format, content, listId, dryRun, requestId };
      for await (const { step } of transfer.importTasks(request, { timeoutMs: 0 })) {
        if (step.case === "progress") setProgress({ done: step.value.rowsDone, total: step.value.rowsTotal });
        else if (step.case === "result") setReport({ dryRun, result: step.value });
      }
    } finally {
      setProgress(undefined);
    }
  });

  function choose(chosen: File | undefined) {
    setFile(chosen);
    setReport(undefined);
    setFault(undefined);
    if (chosen !== undefined) setFormat(formatOf(chosen.name) ?? format);
  }

  const problem = fault ?? (failure && (fields["content"] ?? failure.text));
  return (
    <Panel title={text.importTasks}>
      {problem !== undefined && <Notice tone="bad">{problem}</Notice>}
      <form class="panel-form" {...props}>
        <div class="editor-field">
          <label for={`${id}-file`}>{text.file}</label>
          <input
            id={`${id}-file`}
            type="file"
            accept=".json,.csv,.ics,.zip"
            disabled={busy}
            onChange={(event) => choose(event.currentTarget.files?.[0])}
          />
        </div>
        <SelectField
          label={text.format}
          value={String(format)}
          options={FORMATS}
          busy={busy}
          onValue={(value) => {
            setFormat(Number(value));
            setReport(undefined);
          }}
        />
        {lists.length > 0 && (
          <SelectField
            label={text.importInto}
            value={listId}
            options={[[INBOX, text.inbox], ...lists.map(({ id, title }) => [id, title] as const)]}
            busy={busy}
            onValue={(value) => {
              setListId(value);
              setReport(undefined);
            }}
          />
        )}
        {progress !== undefined && (
          <div class="progress">
            <progress
              aria-label={text.importing}
              max={progress.total || 1}
              {...(progress.total > 0 && { value: progress.done })}
            />
            <span class="quiet">{progress.total > 0 && text.rowsDone(progress.done, progress.total)}</span>
          </div>
        )}
        {report !== undefined && <ImportReport {...report} />}
        <button type="submit" class={checked ? "button button-main" : "button button-quiet"} aria-disabled={busy}>
          {label(busy, checked, progress !== undefined)}
        </button>
      </form>
    </Panel>
  );
}

function label(busy: boolean, checked: boolean, underWay: boolean): string {
  if (busy && underWay) return `${text.importing}…`;
  return checked ? text.importNow : text.checkFile;
}
