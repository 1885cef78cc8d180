import { toJson } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { ExportUserResponseSchema, type AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import { text } from "../../text";
import { Notice } from "../notice";
import { useForm } from "../use_form";
import { fileName, saveFile } from "./file";
import { Panel } from "./panel";

interface Props {
  account: Client<typeof AccountService>;
  onChanged: () => void;
}

/** Everything that is known of the person, as a file. */
export function ExportUser({ account, onChanged }: Props) {
  const [said, setSaid] = useState<string>();
  const { busy, failure, submit } = useForm(async () => {
    setSaid(undefined);
    const records: unknown[] = [];
    for await (const record of account.exportUser({}, { timeoutMs: 0 })) {
      records.push(toJson(ExportUserResponseSchema, record));
    }
    const name = fileName("account", "json");
    saveFile(name, "application/json", [JSON.stringify(records, undefined, 2)]);
    setSaid(text.exported(name));
    onChanged();
  });
  return (
    <Panel title={text.yourData}>
      {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
      {said !== undefined && <Notice tone="calm">{said}</Notice>}
      <p class="quiet">{text.yourDataHint}</p>
      <button type="button" class="button button-quiet" aria-disabled={busy} onClick={submit}>
        {busy ? `${text.exporting}…` : text.exportUser}
      </button>
    </Panel>
  );
}
