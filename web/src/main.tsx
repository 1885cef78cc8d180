// Draws the first view, over the one that the build has drawn into the page where that is the same; nothing else.

import { hydrate, render } from "preact";
import { wasHere } from "tandem-client";
import { App, Home } from "./app/app";
import { seeEarly } from "./app/early";
import { startWorker } from "./worker";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/account.css";

// First of all, since it has the longest way.
const begun = import("./services").then(({ begin }) => begin());
const here = wasHere();
if (here) Home.soon();

const root = document.getElementById("app");
if (root !== null) {
  const app = <App begun={begun} wasHere={here} />;
  seeEarly(root);
  if (isDrawn(root)) hydrate(app, root);
  else {
    root.replaceChildren();
    render(app, root);
  }
}
performance.mark("tandem.drawn");
document.getElementById("opening")?.remove();
document.documentElement.classList.remove("opening");
// What is worked on changes too often to be kept.
if (import.meta.env.PROD) startWorker();

/** The form may have been left for another one, or the network may have gone, while the scripts came. */
function isDrawn(root: HTMLElement): boolean {
  const hidden = document.documentElement.classList.contains("opening");
  return !hidden && root.childElementCount > 0 && navigator.onLine && /^#?(sign-in)?$/.test(location.hash);
}
