// Where the person is signed in, and the way to end that.

import type { Client } from "@connectrpc/connect";
import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import type { AccountService, SessionSummary } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import { text } from "../../text";
import { Notice } from "../notice";
import { moment } from "./moment";
import { Panel } from "./panel";
import { useLoad } from "./use_load";
import { Waiting } from "./waiting";
import { When } from "./when";

interface Props {
  account: Client<typeof AccountService>;
  version: number;
  onChanged: () => void;
}

export function Sessions({ account, version, onChanged }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { value, failure, waiting, again } = useLoad(() => account.listSessions({}), version);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Failure>();
  const [said, setSaid] = useState<string>();
  const sessions = value?.sessions ?? [];

  async function end(call: () => Promise<string>) {
    if (busy) return;
    setBusy(true);
    setRefused(undefined);
    setSaid(undefined);
    try {
      setSaid(await call());
      // The button that had the focus goes.
      heading.current?.focus();
    } catch (error) {
      setRefused(failureOf(error));
    } finally {
      setBusy(false);
      onChanged();
    }
  }

  const endOne = (session: SessionSummary) =>
    end(async () => {
      await account.revokeSession({ sessionId: session.sessionId });
      return text.ended(session.device || text.someDevice);
    });
  const endOthers = () => end(async () => text.endedOthers((await account.revokeOtherSessions({})).revokedCount));

  return (
    <Panel title={text.sessions} heading={heading}>
      {refused !== undefined && <Notice tone="bad">{refused.text}</Notice>}
      {said !== undefined && <Notice tone="calm">{said}</Notice>}
      {failure !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={again}>
          {failure.text}
        </Notice>
      )}
      <Waiting words={waiting(text.loadingSessions)} />
      {sessions.length > 0 && (
        <ul class="lines">
          {sessions.map((session) => (
            <Line key={session.sessionId} session={session} busy={busy} onEnd={() => void endOne(session)} />
          ))}
        </ul>
      )}
      {sessions.length > 1 && (
        <button type="button" class="button button-quiet" aria-disabled={busy} onClick={() => void endOthers()}>
          {text.endOthers}
        </button>
      )}
    </Panel>
  );
}

function Line({ session, busy, onEnd }: { session: SessionSummary; busy: boolean; onEnd: () => void }) {
  const device = session.device || text.someDevice;
  const used = moment(session.lastUseTime)?.words ?? "";
  return (
    <li class="line">
      <div class="line-text">
        <p class="line-title" title={session.userAgent}>
          {device} {session.current && <span class="badge">{text.thisDevice}</span>}
        </p>
        <p class="quiet line-note">
          {session.ipAddress && <span>{session.ipAddress}</span>}
          <span>
            {text.lastUsed} <When time={session.lastUseTime} />
          </span>
        </p>
      </div>
      {!session.current && (
        <button
          type="button"
          class="button button-quiet"
          aria-label={text.endSession(device, used)}
          aria-disabled={busy}
          onClick={onEnd}
        >
          {text.end}
        </button>
      )}
    </li>
  );
}
