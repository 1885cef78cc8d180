// What the tabs of one browser share: locks, so that only one of them talks about the session or sends edits at a
// time, words to each other, the name of the device and who was here last. No token is ever stored here.

import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { UserSchema, type User } from "./gen/tandem/auth/v1/user_pb.js";
import { PERSON } from "./here.js";

/** Words between the tabs; who says one does not hear it. */
export interface Channel {
  tell(word: unknown): void;
  /** Tells it, and resolves once every tab can see in `announced` that a word is on its way. */
  announce(word: unknown): Promise<void>;
  /** Whether another tab announced a word in the last seconds. It can come later than the turn that `alone` gives after it. */
  announced(): Promise<boolean>;
  onWord(listener: (word: unknown) => void): void;
  close(): void;
}

/** What the tabs of one browser share. */
export interface Tabs {
  /** Runs `task` while no other tab runs one under the same name; gives up waiting when `signal` says so. */
  alone<T>(task: () => Promise<T>, name?: string, signal?: AbortSignal): Promise<T>;
  announceChange(): void;
  onChange(listener: () => void): void;
  channel(name: string): Channel;
  deviceToken: string;
  /** Who was signed in last, for a start without network. */
  person: User | undefined;
  /** Whether a network is there at all; a true may be wrong, a false never is. */
  readonly online: boolean;
}

const NAME = "tandem.session";
const DEVICE = "tandem.device";

/** No word takes longer than this to those who get it at all. */
const ON_ITS_WAY_MILLIS = 5000;

/** The tabs of this browser. */
export function browserTabs(): Tabs {
  const session = channel(NAME);
  return {
    alone: (task, name = NAME, signal) => navigator.locks.request(name, signal ? { signal } : {}, task),
    announceChange: () => session.tell("changed"),
    onChange: (listener) => session.onWord(listener),
    channel,
    // Not a credential: it only keeps a stranger's wrong guesses from slowing down this device.
    get deviceToken() {
      return localStorage.getItem(DEVICE) ?? "";
    },
    set deviceToken(token) {
      localStorage.setItem(DEVICE, token);
    },
    get person() {
      return personOf(localStorage.getItem(PERSON));
    },
    set person(person) {
      if (person === undefined) localStorage.removeItem(PERSON);
      else localStorage.setItem(PERSON, toJsonString(UserSchema, person));
    },
    get online() {
      return navigator.onLine;
    },
  };
}

/** For a program that is alone with its session. Locks hold within this process. */
export function noTabs(): Tabs {
  const tails = new Map<string, Promise<unknown>>();
  return {
    alone(task, name = NAME, signal) {
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
    announceChange() {},
    onChange() {},
    channel: () => ({ tell() {}, async announce() {}, announced: async () => false, onWord() {}, close() {} }),
    deviceToken: "",
    person: undefined,
    get online() {
      // Node says nothing about it.
      return typeof navigator === "undefined" || navigator.onLine !== false;
    },
  };
}

function channel(name: string): Channel {
  const channel = new BroadcastChannel(name);
  // A lock, since nothing else is the same for all tabs at the same time.
  const locks = `${name}.announced.`;
  const own = locks + crypto.randomUUID();
  return {
    tell: (word) => channel.postMessage(word),
    announce: async (word) => {
      channel.postMessage(word);
      await new Promise<void>((seen) => {
        void navigator.locks.request(own, { mode: "shared" }, async () => {
          seen();
          await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY_MILLIS));
        });
      });
    },
    announced: async () => {
      const { held } = await navigator.locks.query();
      return held?.some(({ name }) => name !== own && name?.startsWith(locks)) ?? false;
    },
    onWord: (listener) => channel.addEventListener("message", ({ data }) => listener(data)),
    close: () => channel.close(),
  };
}

/** What an older version wrote may not be readable; then nobody was here. */
function personOf(json: string | null): User | undefined {
  if (json === null) return undefined;
  try {
    return fromJsonString(UserSchema, json, { ignoreUnknownFields: true });
  } catch {
    return undefined;
  }
}
