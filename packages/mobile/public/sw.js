/**
 * Works for the page while it is away: it opens the app without the network, and shows what is pushed. It keeps nothing of
 * what people have written or read: the app does that itself.
 */
const SHELL = "farhand-shell-1";
/** Names that the bundler makes of a file's content: what was fetched once stays right. */
const HASHED = /^\/(_expo\/static|assets)\//;
const BESIDE = ["/page.css", "/icon.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function keepShell() {
  const page = await fetch("/", { cache: "no-store" });
  if (page.ok) await keepPage(page);
}

/** Keeps the page, the files that it names, and no others that earlier pages named. */
async function keepPage(page) {
  const cache = await caches.open(SHELL);
  const text = await page.clone().text();
  // Without the app the server says here how to get it: that is nothing to keep.
  if (!text.includes('id="root"')) return;
  const named = [...text.matchAll(/(?:src|href)="(\/_expo\/[^"]+)"/g)].map((match) => match[1]);
  const kept = (await cache.keys()).map((request) => new URL(request.url).pathname);
  await cache.addAll([...named, ...BESIDE].filter((path) => !kept.includes(path)));
  await cache.put("/", page);
  for (const path of kept)
    if (path.startsWith("/_expo/static/js/") && !named.includes(path)) await cache.delete(path);
}

const APP_PATHS = /^\/$|^\/(new|settings|task|welcome)(\/|$)/;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && APP_PATHS.test(url.pathname)) event.respondWith(page(event));
  else if (HASHED.test(url.pathname)) event.respondWith(keptOrFetched(request));
  else if (BESIDE.includes(url.pathname)) event.respondWith(fetchedOrKept(request));
});

/** From the server while it answers, so that a new version is there at once; else as it was. */
async function page(event) {
  try {
    const fresh = await fetch(event.request);
    if (fresh.ok) event.waitUntil(keepPage(fresh.clone()));
    return fresh;
  } catch (error) {
    const kept = await caches.match("/");
    if (kept) return kept;
    throw error;
  }
}

async function keptOrFetched(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await (await caches.open(SHELL)).put(request, fresh.clone());
  return fresh;
}

async function fetchedOrKept(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("push", (event) => {
  const pushed = event.data?.json();
  if (pushed?.version !== 1) return;
  event.waitUntil(
    self.registration.showNotification(pushed.title, {
      body: pushed.body,
      tag: pushed.tag,
      icon: "/icon-192.png",
      badge: "/badge-96.png",
      data: pushed,
      // What is typed has to be typed in the app: its card is where the tap leads.
      actions: pushed.actions
        .filter((action) => action.request && !action.input)
        .map(({ id, title }) => ({ action: id, title })),
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  const pushed = notification.data;
  const action = pushed.actions.find(({ id }) => id === event.action);
  event.waitUntil(action?.request && !action.input ? act(pushed, action) : show(pushed.path));
});

/** Does what was tapped. Where that does not work, the card says why. */
async function act(pushed, { id, request }) {
  try {
    const answer = await fetch(request.path, {
      method: request.method,
      headers: { "content-type": "application/json", "idempotency-key": `${pushed.id}-${id}` },
      body: request.body ? JSON.stringify(request.body) : undefined,
    });
    if (answer.ok) return;
  } catch {
    // The app keeps what is asked for offline.
  }
  await show(pushed.path);
}

/** In the window that is open, or a new one. */
async function show(path) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((client) => "focus" in client);
  if (!open) return self.clients.openWindow(path);
  open.postMessage({ type: "open", path });
  return open.focus();
}
