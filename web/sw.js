// Opens the app without a network. The build puts the names of its files here; calls to the services never pass
// through, and nothing of a person is kept in this cache.

/* global self, caches, fetch */
const FILES = ["files"];
const NAME = "tandem.app.version";
/** Who waits for the page for longer than this gets the one that is here. */
const PATIENCE_MILLIS = 3_000;

self.addEventListener("install", (event) => {
  const fresh = FILES.map((file) => new Request(file, file.startsWith("/assets/") ? {} : { cache: "no-cache" }));
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(fresh))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const isOurs = (name) => name.startsWith("tandem.app.") && name !== NAME;
  event.waitUntil(
    caches
      .keys()
      // Tabs that are open may still ask for files of the version before this one.
      .then((names) =>
        Promise.all(
          names
            .filter(isOurs)
            .slice(0, -1)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || pathname.startsWith("/tandem.")) return;
  if (request.mode === "navigate") event.respondWith(newest(request, "/"));
  else if (pathname === "/settings.json") event.respondWith(newest(request, pathname));
  else if (pathname.startsWith("/assets/") || FILES.includes(pathname)) event.respondWith(file(request));
});

/** The newest page, or settings, where there is a network that brings it. */
async function newest(request, path) {
  const kept = await (await caches.open(NAME)).match(path);
  if (kept === undefined) return await fetch(request);
  try {
    const answer = await Promise.race([fetch(request), after(PATIENCE_MILLIS)]);
    return answer.status < 500 ? answer : kept;
  } catch {
    return kept;
  }
}

/** A file is named by what is in it, so the one that is here is as good as any. */
async function file(request) {
  const ours = await (await caches.open(NAME)).match(request);
  return ours ?? (await caches.match(request)) ?? (await fetch(request));
}

const after = (millis) => new Promise((_, reject) => setTimeout(reject, millis));
