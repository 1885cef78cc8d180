// What others may use. Messages of the contract are under `tandem-client/gen/`.

export { accountClient } from "./account_client.js";
export { leftovers, wipe, type Leftover } from "./database.js";
export type { Edit, Entry, Method } from "./edits.js";
export { errorOf, reasonOf, type Reason, type TandemError } from "./errors.js";
export { Feed, type FeedOptions, type Sink } from "./feed.js";
export { wasHere } from "./here.js";
export { Closed } from "./local.js";
export type { Conflict, Side } from "./outbox.js";
export { Replica, type ReplicaOptions } from "./replica.js";
export { repeating, type Pause } from "./retry.js";
export { SessionKeeper, type KeeperOptions, type SessionState } from "./session.js";
export type { ReplicaState, Trouble } from "./shown.js";
export { apply, emptyStore, nothingHeld, type Held, type Store, type Update } from "./store.js";
export { browserTabs, noTabs, type Channel, type Tabs } from "./tabs.js";
export { taskClients, type TaskClients } from "./task_clients.js";
export { authClient, webWire, withAccessToken, type Tokens, type Wire } from "./transport.js";
export { offlineClients, writesOf, type Seen, type Writes } from "./writes.js";
