import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { Format, type TransferService } from "tandem-client/gen/tandem/tasks/v1/transfer_service_pb";
import { text } from "../../text";
import { Notice } from "../notice";
import { SelectField } from "../tasks/select_field";
import { useForm } from "../use_form";
import { fileName, saveFile } from "./file";
import { Panel } from "./panel";

const FORMATS = [
  { format: Format.JSON, words: text.formats.JSON, extension: "json", type: "application/json" },
  { format: Format.CSV, words: text.formats.CSV, extension: "csv", type: "text/csv" },
  { format: Format.ICALENDAR, words: text.formats.ICALENDAR, extension: "ics", type: "text/calendar" },
];

/** All tasks as a file. */
export function ExportTasks({ transfer }: { transfer: Client<typeof TransferService> }) {
  const [format, setFormat] = useState<Format>(Format.JSON);
  const [received, setReceived] = useState(0);
  const [said, setSaid] = useState<string>();
  const { busy, failure, props } = useForm(async () => {
    setSaid(undefined);
    setReceived(0);
    const { extension, type } = FORMATS.find((known) => known.format === format) ?? FORMATS[0]!;
    const chunks: BlobPart[] = [];
    let bytes = 0;
    for await (const { chunk } of transfer.exportTasks({ format }, { timeoutMs: 0 })) {
      chunks.push(new Uint8Array(chunk));
      bytes += chunk.length;
      setReceived(bytes);
    }
    const name = fileName("tasks", extension);
    saveFile(name, type, chunks);
    setSaid(text.exported(name));
  });
  return (
    <Panel title={text.exportTasks}>
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {said !== undefined && <Notice tone="calm">{said}</Notice>}
      <form class="panel-form" {...props}>
        <SelectField
          label={text.format}
          value={String(format)}
          options={FORMATS.map(({ format, words }) => [String(format), words] as const)}
          busy={busy}
          onValue={(value) => setFormat(Number(value))}
        />
        <button type="submit" class="button button-quiet" aria-disabled={busy}>
          {busy ? `${text.exporting}… ${text.received(received)}` : text.exportNow}
        </button>
      </form>
    </Panel>
  );
}
