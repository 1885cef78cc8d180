// What the unit tests share: refusals as the services make them, and browsers that have no window.

import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { Reason } from "./errors.js";
import { ListSchema, type List } from "./gen/tandem/tasks/v1/list_pb.js";
import { Task_State, TaskSchema, type Task } from "./gen/tandem/tasks/v1/task_pb.js";
import type { Tabs } from "./tabs.js";

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

/** A browser whose tabs share locks and hear each other's words, as real ones do. */
export function browser() {
  const listeners = new Map<Tabs, () => void>();
  const channels = new Map<string, Set<(word: unknown) => void>>();
  const tails = new Map<string, Promise<unknown>>();
  const shared: Pick<Tabs, "deviceToken" | "person"> = { deviceToken: "", person: undefined };
  const network = { online: true };
  const words = { lateMillis: 0 };
  const announced = new Map<string, Tabs>();
  const openTab = (): Tabs => {
    const tab: Tabs = {
      alone(task, name = "", signal) {
        const turn = (tails.get(name) ?? Promise.resolve()).then(() => {
          signal?.throwIfAborted();
          return task();
        });
        tails.set(
          name,
          turn.catch(() => undefined),
        );
        return turn;
      },
      announceChange() {
        for (const [other, listener] of listeners) if (other !== tab) listener();
      },
      onChange: (listener) => void listeners.set(tab, listener),
      channel(name) {
        const all = channels.get(name) ?? new Set();
        channels.set(name, all);
        const own = new Set<(word: unknown) => void>();
        const tell = (word: unknown) => {
          const copy: unknown = structuredClone(word);
          const arrive = () => all.forEach((listener) => own.has(listener) || listener(copy));
          if (words.lateMillis === 0) queueMicrotask(arrive);
          else setTimeout(arrive, words.lateMillis);
        };
        return {
          tell,
          async announce(word) {
            tell(word);
            announced.set(name, tab);
          },
          announced: async () => (announced.get(name) ?? tab) !== tab,
          onWord(listener) {
            own.add(listener);
            all.add(listener);
          },
          close: () => own.forEach((listener) => all.delete(listener)),
        };
      },
      get deviceToken() {
        return shared.deviceToken;
      },
      set deviceToken(token) {
        shared.deviceToken = token;
      },
      get person() {
        return shared.person;
      },
      set person(person) {
        shared.person = person;
      },
      get online() {
        return network.online;
      },
    };
    return tab;
  };
  return { openTab, network, words };
}

export function task(id: string, more: MessageInitShape<typeof TaskSchema> = {}): Task {
  return create(TaskSchema, { id, title: id, state: Task_State.OPEN, rank: id, ...more });
}

export function list(id: string, more: MessageInitShape<typeof ListSchema> = {}): List {
  return create(ListSchema, { id, title: id, rank: id, ...more });
}

export const at = (seconds: number) => timestampFromMs(seconds * 1000);
