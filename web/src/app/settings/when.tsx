import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { moment } from "./moment";

/** How long ago something was; the whole date on hovering. */
export function When({ time }: { time: Timestamp | undefined }) {
  const found = moment(time);
  return (
    found && (
      <time dateTime={found.dateTime} title={found.title}>
        {found.words}
      </time>
    )
  );
}
