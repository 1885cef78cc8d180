// Wires the pieces together; nothing else.

import { render } from "preact";
import { authClient, browserTabs, noTabs, SessionKeeper, webWire, wipe } from "tandem-client";
import { addresses, isElsewhere } from "./addresses";
import { App, Home } from "./app/app";
import { startWorker } from "./worker";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/account.css";
import "./styles/lists.css";
import "./styles/top.css";
import "./styles/tasks.css";
import "./styles/facts.css";
import "./styles/order.css";
import "./styles/pieces.css";
import "./styles/notes.css";
import "./styles/editor.css";
import "./styles/settings.css";
import "./styles/offline.css";

const services = await addresses();
const lasting = !isElsewhere(services);
const wire = webWire(services);
const auth = authClient(wire);
const tabs = lasting ? browserTabs() : noTabs();
const keeper = new SessionKeeper(auth, tabs, {
  ...(!lasting && { tokens: { refreshToken: "" } }),
  forget: (userId, why) => void wipe(userId, why === "left" ? "nothing" : "unsent"),
});

// A page taken back from the browser's cache may have slept through a sign-out.
addEventListener("pageshow", (event) => {
  if (event.persisted) void keeper.resume();
});

const root = document.getElementById("app");
if (root !== null) render(<App keeper={keeper} auth={auth} wire={wire} tabs={tabs} lasting={lasting} />, root);
void keeper.resume();
if (tabs.person !== undefined) Home.soon();
// What is worked on changes too often to be kept.
if (import.meta.env.PROD) startWorker();
