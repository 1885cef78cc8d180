// Lets the app open without a network, where the browser can do that.

const WORKER = "/sw.js";
const AFTER_MILLIS = 1_500;

/** Where scripts may only be loaded from what a policy made, this one makes exactly the worker's address. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

export function startWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("tandem-worker", { createScriptURL: () => WORKER });
  // Without it the app is as good, with a network.
  const register = () =>
    void navigator.serviceWorker.register(policy?.createScriptURL("") ?? WORKER).catch(() => undefined);
  // It fetches the whole app: not before what is looked at stands.
  setTimeout(() => {
    if (navigator.onLine) register();
    else addEventListener("online", register, { once: true });
  }, AFTER_MILLIS);
}
