import type { ImportTasksResponse_Result, ImportTasksResponse_RowError } from "tandem-client/gen/tandem/tasks/v1/transfer_service_pb";
import { text } from "../../text";

interface Props {
  dryRun: boolean;
  result: ImportTasksResponse_Result;
}

/** What came of an import, or would. */
export function ImportReport({ dryRun, result }: Props) {
  const { created, updated, skipped } = result;
  return (
    <div class="report" role="status">
      <p>{(dryRun ? text.wouldDo : text.didDo)(created, updated, skipped)}</p>
      <Rows title={text.leftOut(result.rowErrorCount)} count={result.rowErrorCount} rows={result.rowErrors} />
      <Rows title={text.warned(result.rowWarningCount)} count={result.rowWarningCount} rows={result.rowWarnings} />
    </div>
  );
}

function Rows({ title, count, rows }: { title: string; count: number; rows: readonly ImportTasksResponse_RowError[] }) {
  if (count === 0) return null;
  return (
    <details open={count <= 5}>
      <summary>{title}</summary>
      <ul>
        {rows.map(({ row, message }, index) => (
          <li key={index} dir="auto">
            {text.row(row, message)}
          </li>
        ))}
      </ul>
    </details>
  );
}
