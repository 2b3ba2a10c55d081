/**
 * Works for the page while it is away: it opens the app without the network, and shows what is pushed. It keeps nothing of
 * what people have written or read: the app does that itself. Only a button that nobody has heard waits here for the app.
 */
const SHELL = "farhand-shell-1";
/** Read and emptied by the app (`notifications/taps.ts`). */
const TAPS = "farhand-taps";
/** Names that the bundler makes of a file's content: what was fetched once stays right. */
const HASHED = /^\/(_expo\/static|assets)\//;
const BESIDE = ["/page.css", "/theme.js", "/icon.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name !== SHELL && name !== TAPS).map((name) => caches.delete(name)),
        ),
      )
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
  const named = [...text.matchAll(/(?:src|href)="(\/_expo\/[^"]+)"/g)].map((match) => match[1]);
  const kept = (await cache.keys()).map((request) => new URL(request.url).pathname);
  const wanted = [...named, ...BESIDE].filter((path) => !kept.includes(path));
  await Promise.all(wanted.map((path) => keepFile(cache, path)));
  await cache.put("/", page);
  for (const path of kept)
    if (path.startsWith("/_expo/static/js/") && !named.includes(path)) await cache.delete(path);
}

/** @throws where another machine answers in the server's place: its page, kept as a script, would break the app for good */
async function keepFile(cache, path) {
  const file = await fetch(path);
  if (!isFile(file)) throw new Error(`${path} is not the server's`);
  await cache.put(path, file);
}

const isFile = (answer) =>
  answer.ok && !answer.redirected && !answer.headers.get("content-type")?.includes("text/html");

const APP_PATHS = /^\/$|^\/(new|settings|task|welcome)(\/|$)/;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && APP_PATHS.test(url.pathname)) event.respondWith(page(event));
  else if (HASHED.test(url.pathname)) event.respondWith(keptOrFetched(request));
  else if (BESIDE.includes(url.pathname)) event.respondWith(keptWhileFetched(event));
});

/** How long a server may think before the app opens without it. */
const PATIENCE_MS = 3_000;

/** From the server while it answers soon, so that a new version is there at once; else as it was. */
async function page(event) {
  const kept = await caches.match("/");
  const asked = fetch(event.request).then(async (answer) => ({ answer, whose: await whoseIs(answer) }));
  // Also when it comes too late for this time.
  event.waitUntil(
    asked
      .then(({ answer, whose }) => (whose === "ours" ? keepPage(answer.clone()) : undefined))
      .catch(() => undefined),
  );
  if (!kept) return (await asked).answer;
  const first = await Promise.race([asked.catch(() => null), afterPatience()]);
  return first === null || first.whose === "stranger" ? kept : first.answer;
}

const afterPatience = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));

/**
 * `stranger`: a proxy that does not reach the server, a server without the app, or the page of a network that wants to
 * be signed in to. `server`: a refusal, or the way to somewhere else.
 */
async function whoseIs(answer) {
  if (answer.status >= 500) return "stranger";
  if (!answer.ok) return "server";
  return (await answer.clone().text()).includes('name="application-name" content="Farhand"')
    ? "ours"
    : "stranger";
}

async function keptOrFetched(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (isFile(fresh)) await (await caches.open(SHELL)).put(request, fresh.clone());
  return fresh;
}

/** At once, since the page waits for them, and renewed behind that. */
async function keptWhileFetched(event) {
  const { request } = event;
  const kept = await caches.match(request);
  const fresh = fetch(request).then(async (answer) => {
    if (isFile(answer)) await (await caches.open(SHELL)).put(request, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => undefined));
  return kept;
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
      // Browsers have no field for an answer below a notification: it is typed in the app, on the card where the tap leads.
      actions: pushed.actions
        .filter((action) => !action.input)
        .map(({ id, title }) => ({ action: id, title })),
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  const pushed = notification.data;
  const action = pushed.actions.find(({ id }) => id === event.action);
  event.waitUntil(action ? act(pushed, action) : show(pushed.path));
});

/** A network that is there and dead says nothing, and a browser ends a worker that takes too long. */
const ACT_MS = 10_000;

/**
 * Does what was tapped. Where nobody has heard it, or perhaps somebody has, it is left for the app, which asks under the same
 * key. Where it was refused, the card says why.
 */
async function act(pushed, { id, request }) {
  const key = `${pushed.id}-${id}`;
  // First: the browser may end all this in the middle.
  await keepTap({ key, at: Date.now(), pushed, actionId: id });
  try {
    const answer = await fetch(request.path, {
      method: request.method,
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: request.body ? JSON.stringify(request.body) : undefined,
      signal: AbortSignal.timeout(ACT_MS),
    });
    if (answer.status < 500) await dropTap(key);
    if (answer.ok) return;
  } catch {
    // The card is shown, and the app does the rest.
  }
  await show(pushed.path);
}

/** A browser that can keep nothing still does what it can. */
async function keepTap(tap) {
  try {
    const taps = await caches.open(TAPS);
    await taps.put(`/taps/${tap.key}`, new Response(JSON.stringify(tap)));
  } catch {}
}

async function dropTap(key) {
  try {
    await (await caches.open(TAPS)).delete(`/taps/${key}`);
  } catch {}
}

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event.newSubscription));
});

/**
 * The browser has another address, or none any more: the server is told the new one, with the kinds of the old. Where it
 * has dropped the old one already, the app registers itself when it is next opened.
 */
async function renew(given) {
  const { devices } = await asked("GET", "/api/devices");
  const before = devices.filter(({ isCurrent, channel }) => isCurrent && channel === "web");
  if (before.length === 0) return;
  const subscription = given ?? (await subscribe());
  const [{ label, kinds }] = before;
  const target = { channel: "web", subscription: subscription.toJSON() };
  const now = await asked("POST", "/api/devices", { label, kinds, target });
  for (const { id } of before) if (id !== now.id) await asked("DELETE", `/api/devices/${id}`);
}

async function subscribe() {
  const { publicKey } = await asked("GET", "/api/notifications/vapid");
  const { pushManager } = self.registration;
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

async function asked(method, path, body) {
  const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
  const answer = await fetch(path, method === "GET" ? {} : { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer.json();
}

/** In the window that is open, or a new one. */
async function show(path) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((client) => "focus" in client);
  if (!open) return self.clients.openWindow(path);
  open.postMessage({ type: "open", path });
  return open.focus();
}
