// What the unit tests share: refusals as the services make them, and browsers that have no window.

import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import type { Reason } from "../text";
import type { Tabs } from "./tabs";

interface Detail<T extends DescMessage = DescMessage> {
  desc: T;
  value: MessageShape<T>;
}

export function refusal(code: Code, reason: Reason, more: Detail[] = [], metadata: Record<string, string> = {}) {
  const info = create(ErrorInfoSchema, { domain: "tandem", reason, metadata });
  return new ConnectError("the service's own sentence", code, undefined, [
    { desc: ErrorInfoSchema, value: info },
    ...more,
  ]);
}

/** A browser whose tabs share a lock and hear each other's announcements, as real ones do. */
export function browser() {
  const listeners = new Map<Tabs, () => void>();
  let tail: Promise<unknown> = Promise.resolve();
  const shared = { deviceToken: "" };
  const openTab = (): Tabs => {
    const tab: Tabs = {
      alone(task) {
        const turn = tail.then(task);
        tail = turn.catch(() => undefined);
        return turn;
      },
      announceChange() {
        for (const [other, listener] of listeners) if (other !== tab) listener();
      },
      onChange: (listener) => void listeners.set(tab, listener),
      get deviceToken() {
        return shared.deviceToken;
      },
      set deviceToken(token) {
        shared.deviceToken = token;
      },
    };
    return tab;
  };
  return { openTab };
}
