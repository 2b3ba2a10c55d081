import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { fixtures } from "@farhand/protocol/fixtures";
import { startCoordinator } from "../e2e/support/coordinator.ts";
import { freePort } from "../e2e/support/deployment.ts";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { BRIDGE } from "./engine.ts";
import { publicAttack } from "./public-attack.ts";
import { joined, LISTED_ORIGIN, OWNERS_WORD, type PublicGround } from "./public-ground.ts";
import { signInDevice } from "./visitor.ts";

const AREA = "web";

interface Route {
  method: string;
  path: string;
  /** Open to everybody, as the document itself says. */
  isPublic: boolean;
}

/** Every route that the server's own document names. */
async function routesOf(ground: PublicGround): Promise<Route[]> {
  const document = (await (await ground.owner.ask("/api/openapi.json")).json()) as {
    paths: Record<string, Record<string, { security?: unknown[] }>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ["get", "post", "put", "patch", "delete"].includes(method))
      .map(([method, { security }]) => ({
        method: method.toUpperCase(),
        path: path.replace(/^\/api/, ""),
        isPublic: security?.length === 0,
      })),
  );
}

/** Those of them that name something which somebody has. Each person's attachments have ids of that person's own making. */
const withIds = async (ground: PublicGround): Promise<Route[]> =>
  (await routesOf(ground)).filter(
    ({ method, path }) => path.includes("{id}") && !(method === "PUT" && path === "/attachments/{id}"),
  );

/** A body that the route takes, so that nothing but who asks can be the reason for a refusal. */
const BODIES: [pattern: RegExp, body: unknown][] = [
  [/messages\/order$/, fixtures.commands.reorderMessages[0]],
  [/messages/, fixtures.commands.sendMessage[0]],
  [/rollback$/, fixtures.commands.rollBack[0]],
  [/fork$/, fixtures.commands.forkTask[0]],
  [/answer$/, fixtures.commands.answerQuestion[0]],
  [/^\/members\/\{id\}$/, { cap: null }],
  [/^\/devices\/\{id\}$/, { label: "mine now" }],
  [/approve$/, fixtures.commands.approve[0]],
  [/invites/, { person: null }],
  [/keys/, fixtures.commands.putKey[0]],
  [/secrets/, fixtures.commands.putSecret[0]],
  [/budget/, fixtures.commands.setBudget[0]],
  [/egress\/allow$/, { host: "allowed.example.com" }],
];
const bodyFor = (path: string): unknown => BODIES.find(([pattern]) => pattern.test(path))?.[1] ?? {};

interface Ids {
  task: string;
  session: string;
  invite: string;
  key: string;
  device: string;
  member: string;
  attachment: string;
}

/** The owner's own ids, of every kind that a path takes, and that of somebody whom the owner has let in. */
async function ownersIds(ground: PublicGround): Promise<Ids> {
  const sessions = await (await ground.owner.ask("/api/sessions")).text();
  const invites = await (await ground.owner.send("POST", "/api/invites", { person: null })).text();
  const key = await ground.world.client.putKey(
    { purpose: "github", key: "ghp_attack-0123456789abcdefghij" },
    { isUnchecked: true },
  );
  const target = { channel: "ntfy", server: ground.url, topic: "owners-phone", accessToken: null };
  const device = await ground.owner.send("POST", "/api/devices", { label: "phone", target });
  const { userId: member } = await joined(ground.owner, ground.visitor(), "By");
  const note = { id: crypto.randomUUID(), name: "note.txt", mediaType: "text/plain" };
  const attachment = await ground.world.client.putAttachment(note, new TextEncoder().encode(OWNERS_WORD));
  const first = (text: string) => /"id":"([^"]+)"/.exec(text)?.[1] ?? "none";
  return {
    task: ground.task.id,
    session: first(sessions),
    invite: first(invites),
    key: key.id,
    device: first(await device.text()),
    member,
    attachment: attachment.id,
  };
}

const fill = (path: string, ids: Ids) => {
  const id = /^\/tasks/.test(path)
    ? ids.task
    : /^\/sessions/.test(path)
      ? ids.session
      : /^\/invites/.test(path)
        ? ids.invite
        : /^\/keys/.test(path)
          ? ids.key
          : /^\/devices/.test(path)
            ? ids.device
            : /^\/attachments/.test(path)
              ? ids.attachment
              : ids.member;
  return path
    .replace("{id}", id)
    .replace("{messageId}", `m_${"0".repeat(26)}`)
    .replace(/\/search$/, "/search?q=what")
    .replace(/\{[^}]+\}/g, "anthropic");
};

/** A device that is signed in, at an address of its own for each request. */
const asDevice =
  (ground: PublicGround, accessToken: string): Who =>
  (method, path, body) =>
    ground.visitor().ask(path, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json", cookie: "" },
      ...json(body),
    });

type Who = (method: string, path: string, body: unknown) => Promise<Response>;

/** As unlike the real ones as can be, and of the same form: nobody has them. */
const MADE_UP: Ids = {
  task: `t_${"0".repeat(26)}`,
  session: `s_${"0".repeat(26)}`,
  invite: `i_${"0".repeat(26)}`,
  key: `k_${"0".repeat(26)}`,
  device: `d_${"0".repeat(26)}`,
  member: `u_${"0".repeat(26)}`,
  attachment: "00000000-0000-4000-8000-000000000000",
};

/** What an answer says, without what differs between any two. */
async function wordsOf(answer: Response, ids: Ids): Promise<string> {
  const text = (await answer.text()).replace(/"requestId":"[^"]*"/, "");
  return `${answer.status} ${Object.values(ids).reduce((all, id) => all.replaceAll(id, "<id>"), text)}`;
}

/**
 * Routes at which somebody is answered otherwise for what is there than for what nobody has: so they get at it, or at
 * least learn of it.
 */
async function told(routes: Route[], ids: Ids, who: Who): Promise<string[]> {
  const hits: string[] = [];
  // What is removed is there no more for the others.
  const removals = routes.filter(({ method }) => method === "DELETE");
  for (const { method, path } of [...routes.filter((it) => it.method !== "DELETE"), ...removals]) {
    const body = method === "GET" ? undefined : bodyFor(path);
    const madeUp = await wordsOf(await who(method, `/api${fill(path, MADE_UP)}`, body), MADE_UP);
    const real = await wordsOf(await who(method, `/api${fill(path, ids)}`, body), ids);
    if (real !== madeUp || real.includes(OWNERS_WORD) || real.startsWith("2"))
      hits.push(`${method} ${path} ${real.slice(0, 3)}`);
  }
  return hits;
}

/** Routes at which somebody gets what is the owner's, or changes it. */
async function reached(routes: Route[], ids: Ids, who: Who): Promise<string[]> {
  const hits: string[] = [];
  for (const { method, path } of routes) {
    const answer = await who(method, `/api${fill(path, ids)}`, method === "GET" ? undefined : bodyFor(path));
    const text = await answer.text();
    const isTaken = answer.status < 300 || text.includes(OWNERS_WORD);
    if (isTaken) hits.push(`${method} ${path} ${answer.status}`);
  }
  return hits;
}

const json = (body: unknown) => (body === undefined ? {} : { body: JSON.stringify(body) });

/** What one may ask of any server, and nothing of it belongs to somebody. */
const HARMLESS = /^\/(health|docs|openapi)/;

const csrfTargets = (ground: PublicGround): [path: string, type: string, body: string][] => [
  ["/api/tasks", "text/plain", JSON.stringify({ repository: ground.world.sample.cloneUrl, prompt: "x" })],
  [
    "/api/tasks",
    "application/json",
    JSON.stringify({ repository: ground.world.sample.cloneUrl, prompt: "x" }),
  ],
  [`/api/tasks/${ground.task.id}/archive`, "application/x-www-form-urlencoded", ""],
  ["/api/sign-in-links", "text/plain", "{}"],
  ["/api/invites", "text/plain", JSON.stringify({ person: null })],
  ["/signed-in/link", "application/x-www-form-urlencoded", ""],
  ["/device", "application/x-www-form-urlencoded", "user_code=AAAAAAAA&decision=approve"],
];

/** What a browser sends along with a request of another page's. */
const FOREIGN: Record<string, string>[] = [
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://evil.example", "sec-fetch-site": "cross-site" },
];

const GUESSES = 200;
/** A burst, and what comes back to it while the guessing lasts. */
const GUESSES_ALLOWED = 90;

export const webAttacks: Attack[] = [
  publicAttack({
    area: AREA,
    name: "another person's ids on every route of the OpenAPI document",
    by: "what is not yours is not there",
    async try(ground) {
      const ids = await ownersIds(ground);
      const routes = await withIds(ground);
      if (routes.length < 20) throw new Error(`the document names ${routes.length} routes with ids`);
      const { access_token } = await signInDevice(ground.visitor(), ground.member);
      const hits = await told(routes, ids, asDevice(ground, access_token));
      return { succeeded: hits.length > 0, evidence: hits.join(", ") || `${routes.length} routes, none` };
    },
    async control(ground) {
      // The owner does the same with what is theirs to spoil.
      const { id } = await ground.world.create({ prompt: "Go. [scenario:say-hello]" });
      await ground.world.ended(id);
      await signInDevice(ground.visitor(), ground.owner);
      const routes = await withIds(ground);
      const ids = { ...(await ownersIds(ground)), task: id };
      const { access_token } = await signInDevice(ground.visitor(), ground.owner);
      const hits = await told(routes, ids, asDevice(ground, access_token));
      const same = routes.filter(
        ({ method, path }) => !hits.some((hit) => hit.startsWith(`${method} ${path} `)),
      );
      return {
        succeeded: same.length === 0,
        evidence: `told of ${hits.length} of ${routes.length}; not of ${same.map(({ method, path }) => `${method} ${path}`).join(", ")}`,
      };
    },
  }),
  publicAttack({
    area: AREA,
    name: "the owner's lists, read as a member",
    by: "what is not yours is not there",
    async try(ground) {
      const routes = (await routesOf(ground)).filter(
        ({ path, method }) => method === "GET" && !path.includes("{"),
      );
      const hits: string[] = [];
      for (const { path } of routes) {
        const text = await (await ground.member.ask(`/api${path}`)).text();
        if (
          text.includes(OWNERS_WORD) ||
          text.includes(ground.task.id) ||
          text.includes(`"${ground.owner.address}"`)
        )
          hits.push(path);
      }
      return { succeeded: hits.length > 0, evidence: hits.join(", ") || `${routes.length} lists, none` };
    },
    async control(ground) {
      const text = await (await ground.owner.ask("/api/tasks")).text();
      return { succeeded: text.includes(ground.task.id), evidence: "the owner's own list has it" };
    },
  }),
  publicAttack({
    area: AREA,
    name: "every route without signing in",
    by: "a token is needed",
    async try(ground) {
      const routes = (await routesOf(ground)).filter(
        ({ isPublic, path }) => !isPublic && !HARMLESS.test(path),
      );
      const ids = await ownersIds(ground);
      const hits = await reached(routes, ids, (method, path, body) =>
        ground
          .visitor()
          .ask(path, { method, headers: { "content-type": "application/json" }, ...json(body) }),
      );
      return { succeeded: hits.length > 0, evidence: hits.join(", ") || `${routes.length} routes, none` };
    },
    async control(ground) {
      const answer = await ground.owner.ask("/api/tasks");
      return { succeeded: answer.ok, evidence: `with a cookie ${answer.status}` };
    },
  }),
  publicAttack({
    area: AREA,
    name: "requests of other pages with the owner's cookies (CSRF)",
    by: "origins are checked, beside the cookie's SameSite",
    async try(ground) {
      const hits: string[] = [];
      for (const [path, type, body] of csrfTargets(ground))
        for (const headers of FOREIGN) {
          const answer = await ground.owner.ask(path, {
            method: "POST",
            headers: { ...headers, "content-type": type },
            body,
          });
          if (answer.status < 400) hits.push(`${path} as ${type} from ${headers.origin}: ${answer.status}`);
        }
      return { succeeded: hits.length > 0, evidence: hits.join(", ") || "all were refused" };
    },
    async control(ground) {
      // The same request of a page of the server's own.
      const answer = await ground.owner.send("POST", "/api/sign-in-links", {});
      return { succeeded: answer.ok, evidence: `from an own page ${answer.status}` };
    },
  }),
  publicAttack({
    area: AREA,
    name: "pages of others that read answers (CORS)",
    by: "no CORS headers for origins that are not listed",
    async try(ground) {
      const headers = await Promise.all(
        ["https://evil.example", "null", `${ground.url}.evil.example`].map(async (origin) => {
          const read = await ground.owner.ask("/api/tasks", { headers: { origin } });
          const asked = await ground.owner.ask("/api/tasks", {
            method: "OPTIONS",
            headers: { origin, "access-control-request-method": "POST" },
          });
          return [read, asked].map((answer) => answer.headers.get("access-control-allow-origin"));
        }),
      );
      const given = headers.flat().filter((value) => value !== null);
      return { succeeded: given.length > 0, evidence: given.join(", ") || "none were given" };
    },
    async control(ground) {
      // The same server, of an origin that its owner has listed.
      const answer = await ground.owner.ask("/api/tasks", { headers: { origin: LISTED_ORIGIN } });
      const given = answer.headers.get("access-control-allow-origin");
      return { succeeded: given === LISTED_ORIGIN, evidence: `a listed page is given ${given}` };
    },
  }),
  {
    area: AREA,
    name: "the coordinator's own port, around the proxy and its TLS",
    by: "403 to who comes neither from the proxy nor from the machine",
    try: (arena) => aroundTheProxy(arena, {}),
    // As somebody runs it who has said that plain HTTP may leave the machine.
    control: (arena) => aroundTheProxy(arena, { FARHAND_ALLOW_PLAIN_HTTP: "yes" }),
  },
  publicAttack({
    area: AREA,
    name: "mass sign-in attempts",
    by: "rates by address, for signing in and for guessing",
    async try(ground) {
      const guesser = ground.visitor();
      const links = await guesses((n) => guesser.submit("/link", { token: `guess-${n}` }));
      const other = ground.visitor();
      const tokens = await guesses((n) =>
        other.ask("/api/me", { headers: { authorization: `Bearer fho_guess-${n}` } }),
      );
      return {
        succeeded: links > GUESSES_ALLOWED || tokens > GUESSES_ALLOWED,
        evidence: `of ${GUESSES}, ${links} links and ${tokens} tokens could be tried`,
      };
    },
    async control(ground) {
      // The same guesses, each from an address of its own: what holds them back is the rate of one address.
      const tried = await guesses((n) => ground.visitor().submit("/link", { token: `guess-${n}` }));
      return { succeeded: tried === GUESSES, evidence: `${tried} could be tried from as many addresses` };
    },
  }),
];

/** How many guesses were really looked at. */
async function guesses(guess: (n: number) => Promise<Response>): Promise<number> {
  let tried = 0;
  for (let n = 0; n < GUESSES; n += 1) {
    const { status } = await guess(n);
    if (status === 429) continue;
    tried += 1;
  }
  return tried;
}

/** Asks a coordinator behind TLS at an address of the machine that is not loopback, with whatever a proxy would say. */
async function aroundTheProxy(arena: Arena, change: Record<string, string>): Promise<Attempt> {
  const data = await mkdtemp(join(arena.folder, "direct-"));
  const port = String(await freePort());
  const coordinator = await startCoordinator({
    ...arena.world.settings,
    FARHAND_DATA: data,
    FARHAND_HOST: "0.0.0.0",
    FARHAND_PORT: port,
    FARHAND_PUBLIC_URL: "https://farhand.example.com",
    FARHAND_TRUSTED_PROXIES: "10.99.0.1",
    ...change,
  });
  try {
    const { announcement } = coordinator;
    if (announcement.event !== "listening") throw new Error(announcement.message);
    const token = (await Bun.file(announcement.tokenFile).text()).trim();
    const headers = {
      authorization: `Bearer ${token}`,
      host: "farhand.example.com",
      "x-forwarded-for": "10.99.0.1",
      "x-forwarded-proto": "https",
    };
    const inside = await fetch(`http://127.0.0.1:${port}/api/health`);
    if (!inside.ok) throw new Error(`not even from the machine itself: ${inside.status}`);
    const asked = ["/", "/api/health", "/api/openapi.json", "/api/tasks", "/sign-in", "/api/ws"].map(
      async (path) => {
        const { status } = await fetch(`http://${BRIDGE.v4}:${port}${path}`, { headers, redirect: "manual" });
        return `${path} ${status}`;
      },
    );
    const answers = await Promise.all(asked);
    return { succeeded: answers.some((answer) => !answer.endsWith(" 403")), evidence: answers.join(", ") };
  } finally {
    await coordinator.stop();
  }
}
