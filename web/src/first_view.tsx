// What the build draws into the page, so that it can be seen and typed into before any script has come: the sign-in for
// who is new here, and what stands there until somebody's tasks do. `first.js` decides which of them is shown.

import { renderToString } from "preact-render-to-string";
import { App, Splash } from "./app/app";

const never = new Promise<never>(() => undefined);

export function firstView(): { form: string; splash: string } {
  Object.assign(globalThis, { location: { pathname: "/", hash: "" } });
  return { form: renderToString(<App begun={never} wasHere={false} />), splash: renderToString(<Splash />) };
}
