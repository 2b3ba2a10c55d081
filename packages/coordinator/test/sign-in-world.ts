import { symmetricDecrypt } from "better-auth/crypto";
import { importJWK, SignJWT } from "jose";
import { sql } from "kysely";
import { ulid } from "ulid";
import type { SignInOptions } from "../src/auth/sign-in.ts";
import { createWebhookDeliveries } from "../src/database/webhook-deliveries.ts";
import { WEBHOOK_MAX_AGE_MS } from "../src/domain/webhook.ts";
import { createOriginPolicy } from "../src/http/origin.ts";
import { createCallerReader } from "../src/http/peer.ts";
import { createRateLimiter, RATE_LIMITS } from "../src/http/rate-limit.ts";
import { isSignIn } from "../src/http/sign-in-paths.ts";
import { auditWork } from "../src/run/audit-work.ts";
import { type Connection, createHub } from "../src/websocket/hub.ts";
import { appOver } from "./app-over.ts";
import { CookieJar } from "./cookie-jar.ts";
import { MemoryLog } from "./memory-log.ts";
import { signInParts } from "./sign-in-parts.ts";
import { openStores } from "./stores.ts";

const LIMITLESS = Object.fromEntries(
  Object.keys(RATE_LIMITS).map((name) => [name, { burst: 10_000, perSecond: 10_000 }]),
) as unknown as typeof RATE_LIMITS;

/** A port that nobody has. Providers have to be told of the address before the server has it. */
export async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  return port ?? 0;
}

export const WEBHOOK_SECRET = "a-secret-of-the-forge";
const SECRET = Buffer.alloc(32, 7).toString("base64url");

/** A whole server for signing in: real sockets, a real database, the real library. Time can be moved. */
export async function openSignInWorld(
  options: {
    path?: string;
    providers?: Partial<SignInOptions["providers"]>;
    trustedProxies?: string[];
    refreshRepeatSeconds?: number;
    port?: number;
  } = {},
) {
  const stores = await openStores(options.path);
  stores.time.ms = Date.now();
  const { database, users, audit } = stores;
  const clock = { now: () => new Date(Date.now() + drift.ms) };
  const drift = { ms: 0 };
  const parts = signInParts(
    { database, users, audit, clock },
    {
      url: () => url,
      devicePollSeconds: 0,
      refreshRepeatSeconds: options.refreshRepeatSeconds ?? 0,
      newId: (prefix) => `${prefix}${ulid().toLowerCase()}`,
      providers: { github: null, gitlab: null, oidc: null, ...options.providers },
    },
  );
  const authenticator = parts.realAuthenticator;
  const rateLimiter = createRateLimiter({ isSignIn, limits: LIMITLESS });
  const origins = createOriginPolicy({ listed: [], publicUrl: null });
  const webhooks = {
    githubSecret: WEBHOOK_SECRET,
    gitlabToken: WEBHOOK_SECRET,
    deliveries: createWebhookDeliveries(database, clock, 2 * WEBHOOK_MAX_AGE_MS),
    tasks: stores.tasks,
    log: auditWork(stores.log, { audit, tasks: stores.tasks }),
    now: clock.now,
  };
  const app = appOver({ ...stores, ...parts, authenticator }, { origins, rateLimiter, webhooks });
  const memory = new MemoryLog();
  const errors: unknown[] = [];
  const hub = createHub({
    authenticator: rateLimiter.guard(authenticator),
    tasks: memory,
    log: memory,
    deltas: { follow: () => () => undefined, soFar: () => [] },
    presence: stores.presence,
    onError: (error) => errors.push(error),
    validityCheckMs: 20,
  });
  const callerOf = createCallerReader({ trustedProxies: options.trustedProxies ?? [], publicUrl: null });
  const server = Bun.serve<Connection>({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    fetch(request, it) {
      const caller = callerOf(it.requestIP(request)?.address ?? null, request.headers);
      if (new URL(request.url).pathname !== "/api/ws") return app.fetch(request, caller);
      const data = hub.newConnection({ peer: caller.peer, headers: request.headers });
      return it.upgrade(request, { data }) ? undefined : new Response(null, { status: 426 });
    },
    websocket: hub.handler,
  });
  const url = `http://127.0.0.1:${server.port}`;

  return {
    ...stores,
    ...parts,
    url,
    /** Every route that there is, in Hono's words. */
    routes: app.routes.map(({ method, path }) => ({ method, path })),
    drift,
    errors,
    memory,
    browser: () => new CookieJar(url),
    /** Signs with the server's own key whatever it is given, as only somebody who has the key could. */
    async sign(payload: object, type: string): Promise<string> {
      const row = await database
        .selectFrom("auth_jwks")
        .select(["id", "privateKey"])
        .executeTakeFirstOrThrow();
      const key = await symmetricDecrypt({ key: SECRET, data: JSON.parse(row.privateKey) });
      return new SignJWT({ ...payload })
        .setProtectedHeader({ alg: "EdDSA", typ: type, kid: row.id })
        .sign(await importJWK(JSON.parse(key), "EdDSA"));
    },
    /**
     * Lets days go by: everything that is kept about signing in becomes older. The library has a clock of its own, which
     * `drift` does not reach, so that its limits show in this way alone.
     */
    async age(days: number) {
      const tables = await sql<{ name: string }>`
        SELECT name FROM sqlite_master
        WHERE type = 'table' AND (name LIKE 'auth\\_%' ESCAPE '\\' OR name IN ('grants', 'sign_in_links', 'invites'))
      `.execute(database);
      for (const { name } of tables.rows) {
        const columns = await sql<{ name: string }>`SELECT name FROM pragma_table_info(${name})`.execute(
          database,
        );
        for (const column of columns.rows)
          await sql`
            UPDATE ${sql.table(name)}
            SET ${sql.ref(column.name)} = strftime('%Y-%m-%dT%H:%M:%fZ', ${sql.ref(column.name)}, ${`-${days} days`})
            WHERE ${sql.ref(column.name)} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*Z'
          `.execute(database);
      }
    },
    /** A browser in which the owner is signed in. */
    async ownersBrowser() {
      const jar = new CookieJar(url);
      const { url: link } = await parts.signIn.makeLink("u_owner");
      await jar.submit("/link", { token: new URL(link).searchParams.get("token") ?? "" });
      return jar;
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop(true);
      await parts.endSignIn();
      await stores[Symbol.asyncDispose]();
    },
  };
}

export type SignInWorld = Awaited<ReturnType<typeof openSignInWorld>>;
