import { afterAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CookieJar } from "../../test/cookie-jar.ts";
import {
  appRequest,
  askForCode,
  post,
  refresh,
  refreshed,
  signInCommandLine,
} from "../../test/oauth-client.ts";
import { add, goTo, withGitHub } from "../../test/provider-worlds.ts";
import { openSignInWorld, type SignInWorld, WEBHOOK_SECRET } from "../../test/sign-in-world.ts";
import { messageId, newTask, taskId } from "../../test/stores.ts";
import { AUDITED_CHANGES } from "./audit.ts";

const root = await mkdtemp(join(tmpdir(), "farhand-audit-"));
afterAll(() => rm(root, { recursive: true, maxRetries: 5 }));

const tokenOf = (link: string | null) =>
  new URL(link ?? "http://none.invalid").searchParams.get("token") ?? "";

/** Where something is done: a server, and a browser in which its owner is signed in. */
interface Scene {
  world: SignInWorld;
  owner: CookieJar;
  /** Asks the API as the owner's browser does. */
  api(method: string, path: string, body?: unknown): Promise<Response>;
}

interface Deed {
  /** As Hono writes it. */
  route: string;
  /** What the newest entry says then. */
  action: string;
  /** Whoever it says has done it: the owner, a member who is new, nobody who is known. */
  who?: "owner" | "somebody" | "nobody";
  /** From where; null for what a forge reports. */
  from?: "127.0.0.1" | null;
  perform(scene: Scene): Promise<unknown>;
  /** Needs a provider to sign in with. */
  needsGitHub?: true;
}

const TASK = { repository: "https://git.example.com/o/r", prompt: "fix it" };
const KEY = { purpose: "github", baseUrl: "http://127.0.0.1:1/", key: "ghp_0123456789abcdef" };
const SECRET = { repository: TASK.repository, name: "TOKEN", value: "a value that is long enough" };

const onTask =
  (method: string, rest: string, body?: unknown) =>
  async ({ world, api }: Scene) => {
    await world.tasks.create(newTask(1));
    return api(method, `/tasks/${taskId(1)}${rest}`, body);
  };

async function keyId({ api }: Scene): Promise<string> {
  const answer = await api("PUT", "/keys?unchecked=true", KEY);
  return ((await answer.json()) as { id: string }).id;
}

async function memberId({ world }: Scene): Promise<string> {
  const { id } = await world.members.add({ id: "u_noor", login: "noor", name: "Noor", role: "member" });
  return id;
}

const NTFY = {
  label: "phone",
  target: { channel: "ntfy", server: "http://127.0.0.1:1", topic: "mara-phone", accessToken: null },
};

async function deviceId({ api }: Scene): Promise<string> {
  const answer = await api("POST", "/devices", NTFY);
  return ((await answer.json()) as { id: string }).id;
}

const signedPull = () => {
  const body = JSON.stringify({
    action: "closed",
    number: 7,
    sender: { login: "somebody" },
    pull_request: {
      html_url: "https://github.com/octo/shop/pull/7",
      merged: true,
      updated_at: new Date().toISOString(),
      title: "Mend it",
    },
  });
  return {
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": "delivery-1",
      "x-hub-signature-256": `sha256=${createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex")}`,
    },
  };
};

async function withPullRequest(world: SignInWorld, url: string): Promise<void> {
  await world.tasks.create(newTask(1));
  await world.log.append(taskId(1), 0, [{ type: "pull_request.opened", url, number: 7, existed: false }]);
}

const allow = async ({ owner }: Scene, decision: string) =>
  owner.press(await owner.follow(await owner.ask(appRequest().path)), { decision });

const DEEDS: Deed[] = [
  { route: "POST /api/tasks", action: "task.created", perform: ({ api }) => api("POST", "/tasks", TASK) },
  { route: "POST /api/tasks/:id/stop", action: "task.stopped", perform: onTask("POST", "/stop") },
  { route: "POST /api/tasks/:id/cancel", action: "task.cancelled", perform: onTask("POST", "/cancel") },
  { route: "POST /api/tasks/:id/retry", action: "task.retried", perform: onTask("POST", "/retry") },
  {
    route: "POST /api/tasks/:id/approve",
    action: "workflows.approved",
    perform: onTask("POST", "/approve", { kind: "workflows" }),
  },
  {
    route: "POST /api/tasks/:id/answer",
    action: "question.answered",
    perform: onTask("POST", "/answer", { questionId: "toolu_1", answer: "yes" }),
  },
  { route: "POST /api/tasks/:id/archive", action: "task.archived", perform: onTask("POST", "/archive") },
  {
    route: "POST /api/tasks/:id/rollback",
    action: "task.rolled_back",
    perform: onTask("POST", "/rollback", { turn: 0 }),
  },
  {
    route: "POST /api/tasks/:id/fork",
    action: "task.forked",
    perform: onTask("POST", "/fork", { prompt: "Another way" }),
  },
  {
    route: "PUT /api/attachments/:id",
    action: "attachment.added",
    perform: ({ api }) => api("PUT", `/attachments/${crypto.randomUUID()}?name=a.json`, { a: 1 }),
  },
  {
    route: "POST /api/tasks/:id/messages",
    action: "message.sent",
    perform: onTask("POST", "/messages", { text: "Go on" }),
  },
  {
    route: "PATCH /api/tasks/:id/messages/:messageId",
    action: "message.edited",
    perform: onTask("PATCH", `/messages/${messageId(1)}`, { text: "Go on" }),
  },
  {
    route: "DELETE /api/tasks/:id/messages/:messageId",
    action: "message.withdrawn",
    perform: onTask("DELETE", `/messages/${messageId(1)}`),
  },
  {
    route: "PUT /api/tasks/:id/messages/order",
    action: "messages.reordered",
    perform: onTask("PUT", "/messages/order", { messageIds: [messageId(1)] }),
  },
  {
    route: "POST /api/tasks/:id/budget",
    action: "budget.changed",
    perform: onTask("POST", "/budget", { maxUsd: 1, maxTokens: null }),
  },
  {
    route: "POST /api/tasks/:id/egress/allow",
    action: "host.allowed",
    perform: onTask("POST", "/egress/allow", { host: "example.com" }),
  },
  {
    route: "PATCH /api/settings",
    action: "settings.changed",
    perform: ({ api }) => api("PATCH", "/settings", { defaultModel: "claude-opus-5-5" }),
  },
  {
    route: "PUT /api/egress",
    action: "settings.changed",
    perform: ({ api }) => api("PUT", "/egress", { mode: "none", hosts: [] }),
  },
  {
    route: "PUT /api/egress/repositories",
    action: "settings.changed",
    perform: ({ api }) =>
      api("PUT", "/egress/repositories", { repository: TASK.repository, mode: "none", hosts: [] }),
  },
  { route: "PUT /api/keys", action: "key.added", perform: keyId },
  {
    route: "PUT /api/keys",
    action: "key.replaced",
    perform: async (scene) => [await keyId(scene), await keyId(scene)],
  },
  {
    route: "POST /api/keys/:id/check",
    action: "key.checked",
    perform: async (scene) => scene.api("POST", `/keys/${await keyId(scene)}/check`),
  },
  {
    route: "DELETE /api/keys/:id",
    action: "key.removed",
    perform: async (scene) => scene.api("DELETE", `/keys/${await keyId(scene)}`),
  },
  {
    route: "PATCH /api/members/:id",
    action: "member.cap_changed",
    perform: async (scene) =>
      scene.api("PATCH", `/members/${await memberId(scene)}`, {
        cap: { day: { maxUsd: 5, maxTokens: null } },
      }),
  },
  { route: "POST /api/devices", action: "device.added", perform: deviceId },
  {
    route: "PATCH /api/devices/:id",
    action: "device.changed",
    perform: async (scene) => scene.api("PATCH", `/devices/${await deviceId(scene)}`, { label: "other" }),
  },
  {
    route: "POST /api/devices/:id/test",
    action: "device.tested",
    perform: async (scene) => scene.api("POST", `/devices/${await deviceId(scene)}/test`),
  },
  {
    route: "DELETE /api/devices/:id",
    action: "device.removed",
    perform: async (scene) => scene.api("DELETE", `/devices/${await deviceId(scene)}`),
  },
  { route: "PUT /api/secrets", action: "secret.set", perform: ({ api }) => api("PUT", "/secrets", SECRET) },
  {
    route: "DELETE /api/secrets",
    action: "secret.removed",
    async perform({ api }) {
      await api("PUT", "/secrets", SECRET);
      const query = new URLSearchParams({ repository: SECRET.repository, name: SECRET.name });
      return api("DELETE", `/secrets?${query}`);
    },
  },
  {
    route: "POST /api/invites",
    action: "invite.made",
    perform: ({ api }) => api("POST", "/invites", { person: null }),
  },
  {
    route: "DELETE /api/invites/:id",
    action: "invite.withdrawn",
    perform: async ({ world, api }) =>
      api("DELETE", `/invites/${(await world.signIn.invite("u_owner", null)).id}`),
  },
  {
    route: "DELETE /api/members/:id",
    action: "member.removed",
    perform: async (scene) => scene.api("DELETE", `/members/${await memberId(scene)}`),
  },
  {
    route: "POST /api/members/:id/link",
    action: "sign_in_link.made",
    perform: async (scene) => scene.api("POST", `/members/${await memberId(scene)}/link`),
  },
  {
    route: "POST /api/sign-in-links",
    action: "sign_in_link.made",
    perform: ({ api }) => api("POST", "/sign-in-links"),
  },
  {
    route: "DELETE /api/sessions/:id",
    action: "session.revoked",
    async perform({ world, api }) {
      await world.ownersBrowser();
      return api("DELETE", `/sessions/${(await world.sessions.list("u_owner"))[0]?.id}`);
    },
  },
  {
    route: "POST /api/webhooks/github",
    action: "pull_request.changed",
    from: null,
    async perform({ world }) {
      await withPullRequest(world, "https://github.com/octo/shop/pull/7");
      return fetch(`${world.url}/api/webhooks/github`, { method: "POST", ...signedPull() });
    },
  },
  {
    route: "POST /api/webhooks/gitlab",
    action: "pull_request.changed",
    from: null,
    async perform({ world }) {
      const url = "https://gitlab.example.com/octo/shop/-/merge_requests/3";
      await withPullRequest(world, url);
      return fetch(`${world.url}/api/webhooks/gitlab`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-gitlab-event": "Merge Request Hook",
          "x-gitlab-token": WEBHOOK_SECRET,
          "x-gitlab-event-uuid": "delivery-1",
        },
        body: JSON.stringify({
          object_kind: "merge_request",
          object_attributes: { url, action: "merge", state: "merged", updated_at: new Date().toISOString() },
        }),
      });
    },
  },

  {
    route: "POST /setup",
    action: "owner.claimed",
    async perform({ world }) {
      await world.database.updateTable("users").set({ claimed_at: null }).execute();
      return world.browser().submit("/setup", { token: tokenOf(await world.signIn.makeSetupLink()) });
    },
  },
  {
    route: "POST /setup",
    action: "sign_in.failed",
    who: "nobody",
    perform: ({ world }) => world.browser().submit("/setup", { token: "guessed" }),
  },
  {
    route: "POST /link",
    action: "sign_in.succeeded",
    perform: async ({ world }) =>
      world.browser().submit("/link", { token: tokenOf((await world.signIn.makeLink("u_owner")).url) }),
  },
  {
    route: "POST /link",
    action: "sign_in.failed",
    who: "nobody",
    perform: ({ world }) => world.browser().submit("/link", { token: "guessed" }),
  },
  {
    route: "POST /invite",
    action: "sign_in.succeeded",
    who: "somebody",
    perform: async ({ world }) =>
      world.browser().submit("/invite", {
        token: tokenOf((await world.signIn.invite("u_owner", null)).url),
        name: "Noor",
      }),
  },
  {
    route: "POST /invite",
    action: "sign_in.failed",
    who: "nobody",
    perform: ({ world }) => world.browser().submit("/invite", { token: "guessed", name: "Noor" }),
  },
  ...["/setup", "/link", "/invite"].map(
    (path): Deed => ({
      route: `GET ${path}`,
      action: "sign_in.failed",
      who: "nobody",
      perform: ({ world }) => world.browser().ask(`${path}?token=guessed`),
    }),
  ),
  {
    route: "POST /device",
    action: "device.approved",
    async perform({ world, owner }) {
      const { user_code } = await askForCode(world);
      return owner.submit("/device", { user_code, decision: "approve" });
    },
  },
  {
    route: "POST /device",
    action: "device.refused",
    async perform({ world, owner }) {
      const { user_code } = await askForCode(world);
      return owner.submit("/device", { user_code, decision: "deny" });
    },
  },
  { route: "POST /consent", action: "app.approved", perform: (scene) => allow(scene, "approve") },
  { route: "POST /consent", action: "app.refused", perform: (scene) => allow(scene, "deny") },
  {
    route: "POST /sign-out",
    action: "session.ended",
    perform: ({ owner }) => owner.submit("/sign-out", {}),
  },
  {
    route: "POST /signed-in/link",
    action: "sign_in_link.made",
    perform: ({ owner }) => owner.submit("/signed-in/link", {}),
  },
  {
    route: "POST /signed-in/end",
    action: "session.revoked",
    async perform({ world, owner }) {
      await world.ownersBrowser();
      return owner.submit("/signed-in/end", { id: (await world.sessions.list("u_owner"))[0]?.id ?? "" });
    },
  },
  {
    route: "POST /signed-in/invite",
    action: "invite.made",
    perform: ({ owner }) => owner.submit("/signed-in/invite", { provider: "github", login: "mara" }),
  },
  {
    route: "POST /signed-in/withdraw",
    action: "invite.withdrawn",
    perform: async ({ world, owner }) =>
      owner.submit("/signed-in/withdraw", { id: (await world.signIn.invite("u_owner", null)).id }),
  },
  {
    route: "POST /signed-in/add",
    action: "account.linked",
    needsGitHub: true,
    perform: async ({ owner }) => owner.press(await add(owner, "github"), { login: "noor" }),
  },
  {
    route: "POST /signed-in/unlink",
    action: "account.unlinked",
    needsGitHub: true,
    async perform({ owner }) {
      await owner.press(await add(owner, "github"), { login: "noor" });
      return owner.submit("/signed-in/unlink", { provider: "github" });
    },
  },
  {
    route: "POST /signed-in/member-link",
    action: "sign_in_link.made",
    perform: async (scene) => scene.owner.submit("/signed-in/member-link", { id: await memberId(scene) }),
  },
  {
    route: "POST /signed-in/remove-member",
    action: "member.removed",
    perform: async (scene) => scene.owner.submit("/signed-in/remove-member", { id: await memberId(scene) }),
  },

  {
    route: "GET /api/auth/callback/github",
    action: "sign_in.succeeded",
    who: "somebody",
    needsGitHub: true,
    async perform({ world }) {
      await world.signIn.invite("u_owner", { provider: "github", login: "mara" });
      const browser = world.browser();
      return browser.press(await goTo(browser, "github"), { login: "mara" });
    },
  },
  {
    route: "GET /api/auth/callback/github",
    action: "sign_in.refused",
    who: "nobody",
    needsGitHub: true,
    async perform({ world }) {
      const browser = world.browser();
      return browser.press(await goTo(browser, "github"), { login: "mara" });
    },
  },
  {
    route: "POST /api/auth/oauth2/token",
    action: "sign_in.succeeded",
    perform: ({ world, owner }) => signInCommandLine(world, owner),
  },
  {
    route: "POST /api/auth/oauth2/token",
    action: "sign_in.token_reused",
    async perform({ world, owner }) {
      const { refresh_token } = await signInCommandLine(world, owner);
      await refreshed(world, refresh_token);
      return refresh(world, refresh_token);
    },
  },
  {
    route: "POST /api/auth/oauth2/token",
    action: "sign_in.failed",
    who: "nobody",
    perform: ({ world }) => refresh(world, "fhr_guessed"),
  },
  {
    route: "POST /api/auth/oauth2/revoke",
    action: "session.ended",
    async perform({ world, owner }) {
      const { refresh_token } = await signInCommandLine(world, owner);
      return post(world, "/oauth2/revoke", { token: refresh_token, client_id: "farhand-cli" });
    },
  },
  {
    route: "GET /api/me",
    action: "sign_in.failed",
    who: "nobody",
    perform: ({ world }) => fetch(`${world.url}/api/me`, { headers: { authorization: "Bearer guessed" } }),
  },
  {
    route: "GET /api/me",
    action: "sign_in.failed",
    who: "nobody",
    perform: ({ world }) => fetch(`${world.url}/api/me`, { headers: { authorization: "Basic YTpi" } }),
  },
  {
    route: "GET /api/audit/export",
    action: "audit.exported",
    perform: ({ owner }) => owner.ask("/api/audit/export"),
  },
];

async function open(needsGitHub: boolean): Promise<Scene & AsyncDisposable> {
  const opened = needsGitHub ? await withGitHub(root) : null;
  const world = opened?.world ?? (await openSignInWorld());
  const owner = await world.ownersBrowser();
  return {
    world,
    owner,
    api: (method, path, body) =>
      owner.ask(`/api${path}`, {
        method,
        headers: {
          origin: world.url,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: () => (opened ?? world)[Symbol.asyncDispose](),
  };
}

describe("what is done is in the audit log, with who and from where", () => {
  for (const { route, action, who = "owner", from = "127.0.0.1", perform, needsGitHub = false } of DEEDS)
    test(`${route}: ${action}`, async () => {
      await using scene = await open(needsGitHub);
      const newest = async () =>
        (await scene.world.audit.list({ before: null, limit: 1, userId: null }))[0] ?? null;
      const before = (await newest())?.id ?? 0;
      await perform(scene);
      const entry = await newest();
      expect(entry?.id).toBeGreaterThan(before);
      expect(entry).toMatchObject({ action, address: from });
      const isKnown = entry?.userId === "u_owner" ? "owner" : entry?.userId ? "somebody" : "nobody";
      expect(isKnown).toBe(who);
    });
});

test("every route that changes something, forms of pages too, is among these", async () => {
  await using world = await openSignInWorld();
  const performed = new Set(DEEDS.map(({ route }) => route));
  const changing = world.routes
    .filter(({ method }) => method !== "GET" && method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  expect(changing.length).toBeGreaterThan(35);
  expect(changing.filter((route) => !performed.has(route))).toEqual([]);
  // Routes for all methods are middleware, and the library's addresses: which of them are there says `auth/`.
  const forAll = new Set(world.routes.filter(({ method }) => method === "ALL").map(({ path }) => path));
  expect([...forAll].sort()).toEqual(["/*", "/api/*", "/api/auth/*"]);
  const named = Object.keys(AUDITED_CHANGES).map((route) =>
    route.replace(" /", " /api/").replaceAll(/\{(\w+)\}/g, ":$1"),
  );
  expect(named.filter((route) => !performed.has(route))).toEqual([]);
});
