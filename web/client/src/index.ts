// What others may use. Messages of the contract are under `tandem-client/gen/`.

export { errorOf, reasonOf, type Reason, type TandemError } from "./errors.js";
export { Feed, type Sink } from "./feed.js";
export { SessionKeeper, type SessionState } from "./session.js";
export * from "./store.js";
export { browserTabs, type Tabs } from "./tabs.js";
export { accountClient, authClient, taskClients, withAccessToken, type TaskClients } from "./transport.js";
