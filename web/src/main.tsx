// Wires the pieces together; nothing else.

import { render } from "preact";
import { SessionKeeper } from "tandem-client";
import { browserTabs } from "tandem-client";
import { accountClient, authClient, taskClients } from "tandem-client";
import { App } from "./app/app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/account.css";
import "./styles/lists.css";
import "./styles/tasks.css";
import "./styles/notes.css";
import "./styles/editor.css";
import "./styles/settings.css";

const auth = authClient();
const keeper = new SessionKeeper(auth, browserTabs());
const account = accountClient(keeper);
const clients = taskClients(keeper);

// A page taken back from the browser's cache may have slept through a sign-out.
addEventListener("pageshow", (event) => {
  if (event.persisted) void keeper.resume();
});

const root = document.getElementById("app");
if (root !== null) render(<App keeper={keeper} auth={auth} account={account} clients={clients} />, root);
void keeper.resume();
