// What happened to the account lately: the page of the log that was written last.

import type { Client } from "@connectrpc/connect";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import { SecurityEvent_Kind, type SecurityEvent } from "tandem-client/gen/tandem/auth/v1/security_event_pb";
import { eventText, text, type EventKind } from "../../text";
import { Notice } from "../notice";
import { Panel } from "./panel";
import { useLoad } from "./use_load";
import { Waiting } from "./waiting";
import { When } from "./when";

const PAGE_SIZE = 20;

interface Props {
  account: Client<typeof AccountService>;
  version: number;
}

export function Events({ account, version }: Props) {
  const { value, failure, waiting, again } = useLoad(() => account.listSecurityEvents({ pageSize: PAGE_SIZE }), version);
  return (
    <Panel title={text.events}>
      {failure !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={again}>
          {failure.text}
        </Notice>
      )}
      <Waiting words={waiting(text.loadingEvents)} />
      {value?.securityEvents.length === 0 && <p class="quiet">{text.noEvents}</p>}
      {value !== undefined && value.securityEvents.length > 0 && (
        <ul class="lines">
          {value.securityEvents.map((event) => (
            <Line key={event.id} event={event} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Line({ event }: { event: SecurityEvent }) {
  return (
    <li class="line">
      <div class="line-text">
        <p>{eventWords(event.kind)}</p>
        <p class="quiet line-note">
          <When time={event.createTime} />
          {event.ipAddress && <span>{text.from(event.ipAddress)}</span>}
          {event.actor && <span>{text.byOther}</span>}
        </p>
      </div>
    </li>
  );
}

/** A service may be newer than this page, and send a kind that it does not know. */
function eventWords(kind: SecurityEvent_Kind): string {
  return eventText[(SecurityEvent_Kind[kind] ?? "UNSPECIFIED") as EventKind];
}
