// What the tabs of one browser share: a lock, so that only one of them talks about the session at a time, a word
// when the session changed, and the name of the device. No token ever passes through here.

export interface Tabs {
  /** Runs `task` while no other tab runs one. */
  alone<T>(task: () => Promise<T>): Promise<T>;
  announceChange(): void;
  onChange(listener: () => void): void;
  deviceToken: string;
}

const NAME = "tandem.session";
const DEVICE = "tandem.device";

export function browserTabs(): Tabs {
  const channel = new BroadcastChannel(NAME);
  return {
    alone: (task) => navigator.locks.request(NAME, task),
    announceChange: () => channel.postMessage("changed"),
    onChange: (listener) => channel.addEventListener("message", listener),
    // Not a credential: it only keeps a stranger's wrong guesses from slowing down this device.
    get deviceToken() {
      return localStorage.getItem(DEVICE) ?? "";
    },
    set deviceToken(token) {
      localStorage.setItem(DEVICE, token);
    },
  };
}
