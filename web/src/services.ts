// The part of the app that speaks with the services: the wire, the session, and words for what goes wrong there. It is
// most of what a sign-in needs, and none of what its form needs: nothing that is drawn first may import it but as a type.

import { authClient, browserTabs, noTabs, SessionKeeper, webWire, wipe } from "tandem-client";
import { addresses, isElsewhere } from "./addresses";
import { failureOf } from "./failure";

export { leftovers, wipe } from "tandem-client";
export { failureOf };

export type Services = Awaited<ReturnType<typeof begin>>;

/** Wires the pieces together, and asks whether there is a session. */
export async function begin() {
  const services = await addresses();
  /** Whether this device may keep anything. */
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
  void keeper.resume();
  return { wire, auth, tabs, keeper, lasting, failureOf };
}
