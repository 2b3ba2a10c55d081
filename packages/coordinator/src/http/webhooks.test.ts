import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { appOver } from "../../test/app-over.ts";
import { newTask, openStores, taskId } from "../../test/stores.ts";
import { createWebhookDeliveries } from "../database/webhook-deliveries.ts";
import { WEBHOOK_MAX_AGE_MS } from "../domain/webhook.ts";

const SECRET = "a-secret-of-the-forge";
const PULL = "https://github.com/octo/shop/pull/7";
const MERGE_REQUEST = "https://gitlab.example.com/octo/shop/-/merge_requests/3";

async function openHooks(secrets: { githubSecret?: string | null; gitlabToken?: string | null } = {}) {
  const stores = await openStores();
  for (const [number, url] of [
    [1, PULL],
    [2, MERGE_REQUEST],
  ] as const) {
    await stores.tasks.create(newTask(number));
    await stores.log.append(taskId(number), 0, [
      { type: "pull_request.opened", url, number: 7, existed: false },
    ]);
  }
  const app = appOver(stores, {
    webhooks: {
      githubSecret: SECRET,
      gitlabToken: SECRET,
      deliveries: createWebhookDeliveries(stores.database, stores.clock, 2 * WEBHOOK_MAX_AGE_MS),
      tasks: stores.tasks,
      log: stores.log,
      now: stores.clock.now,
      ...secrets,
    },
  });
  const states = async (number: number) =>
    (await stores.log.read(taskId(number), 0, 100)).events.flatMap(({ body }) =>
      body.type === "pull_request.changed" ? [body.state] : [],
    );
  return { ...stores, app, states };
}
type Hooks = Awaited<ReturnType<typeof openHooks>>;

const payload = (action: string, merged = false, at = "2026-01-01T00:00:00Z") =>
  JSON.stringify({
    action,
    number: 7,
    sender: { login: "somebody" },
    pull_request: { html_url: PULL, merged, updated_at: at, title: "Mend it" },
  });

const sign = (body: string, secret = SECRET) =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

let deliveries = 0;
function deliver(hooks: Hooks, body: string, headers: Record<string, string | undefined> = {}) {
  const all = {
    "content-type": "application/json",
    "x-github-event": "pull_request",
    "x-github-delivery": `delivery-${++deliveries}`,
    "x-hub-signature-256": sign(body),
    ...headers,
  };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return hooks.app.request("/api/webhooks/github", {
    method: "POST",
    headers: Object.fromEntries(given),
    body,
  });
}

describe("GitHub's webhook", () => {
  test("puts the end of a pull request, and its coming back, into its task's log", async () => {
    const hooks = await openHooks();
    const bodies = [
      payload("closed"),
      payload("reopened", false, "2026-01-01T00:00:01Z"),
      payload("closed", true),
    ];
    for (const body of bodies) expect((await deliver(hooks, body)).status).toBe(202);
    expect(await hooks.states(1)).toEqual(["closed", "open", "merged"]);
    expect(await hooks.states(2)).toEqual([]);
  });

  test("is refused without the proof of its sender, and nothing is read or done", async () => {
    const hooks = await openHooks();
    const body = payload("closed");
    const wrong: Record<string, string | undefined>[] = [
      { "x-hub-signature-256": undefined },
      { "x-hub-signature-256": "" },
      { "x-hub-signature-256": "sha256=" },
      { "x-hub-signature-256": sign(body, "another secret") },
      { "x-hub-signature-256": sign(`${body} `) },
      { "x-hub-signature-256": sign(body).toUpperCase() },
      { "x-hub-signature-256": sign(body).slice(0, -1) },
      { "x-hub-signature-256": createHmac("sha1", SECRET).update(body).digest("hex") },
    ];
    for (const headers of wrong) expect((await deliver(hooks, body, headers)).status).toBe(401);
    expect((await deliver(hooks, "not json", { "x-hub-signature-256": "sha256=00" })).status).toBe(401);
    expect(await hooks.states(1)).toEqual([]);
  });

  test("counts once, also when it comes again under another delivery's id", async () => {
    const hooks = await openHooks();
    const body = payload("closed");
    await deliver(hooks, body, { "x-github-delivery": "d1" });
    await deliver(hooks, payload("reopened"), { "x-github-delivery": "d2" });
    expect((await deliver(hooks, body, { "x-github-delivery": "d1" })).status).toBe(202);
    expect((await deliver(hooks, body, { "x-github-delivery": "d3" })).status).toBe(202);
    expect(await hooks.states(1)).toEqual(["closed", "open"]);
  });

  test("is refused when it is older than what is remembered of deliveries", async () => {
    const hooks = await openHooks();
    const body = payload("closed", false, "2025-12-24T23:59:59Z");
    expect((await deliver(hooks, body)).status).toBe(400);
    // And a repeat stays a repeat for as long as it is taken at all.
    const young = payload("closed");
    await deliver(hooks, young);
    hooks.time.ms += WEBHOOK_MAX_AGE_MS;
    await deliver(hooks, young);
    expect(await hooks.states(1)).toEqual(["closed"]);
  });

  test("of other kinds, other pull requests and other actions is taken and changes nothing", async () => {
    const hooks = await openHooks();
    const ping = JSON.stringify({ zen: "Keep it small." });
    expect((await deliver(hooks, ping, { "x-github-event": "ping" })).status).toBe(202);
    expect((await deliver(hooks, payload("labeled"))).status).toBe(202);
    const other = payload("closed").replace("pull/7", "pull/8");
    expect((await deliver(hooks, other)).status).toBe(202);
    expect(await hooks.states(1)).toEqual([]);
  });

  test("that is signed but makes no sense says what is wrong", async () => {
    const hooks = await openHooks();
    for (const body of ["not json", "[]", '{"action":"closed"}'])
      expect((await deliver(hooks, body)).status).toBe(400);
  });

  test("has no address where no secret is set", async () => {
    const hooks = await openHooks({ githubSecret: null });
    expect((await deliver(hooks, payload("closed"))).status).toBe(404);
  });
});

describe("GitLab's webhook", () => {
  const mergeRequest = (action: string, at = "2026-01-01 00:00:00 UTC") =>
    JSON.stringify({
      object_kind: "merge_request",
      object_attributes: { url: MERGE_REQUEST, action, state: "x", updated_at: at },
    });
  const deliverGitLab = (hooks: Hooks, body: string, token: string | null) =>
    hooks.app.request("/api/webhooks/gitlab", {
      method: "POST",
      headers: {
        "x-gitlab-event": "Merge Request Hook",
        ...(token === null ? {} : { "x-gitlab-token": token }),
      },
      body,
    });

  test("puts the end of a merge request into its task's log", async () => {
    const hooks = await openHooks();
    for (const [action, at] of [
      ["close", "2026-01-01 00:00:00 UTC"],
      ["reopen", "2026-01-01T00:00:01Z"],
      ["merge", "2026-01-01T01:00:02+01:00"],
      ["update", "2026-01-01T01:00:03+01:00"],
    ] as const)
      expect((await deliverGitLab(hooks, mergeRequest(action, at), SECRET)).status).toBe(202);
    expect(await hooks.states(2)).toEqual(["closed", "open", "merged"]);
  });

  test("is refused without its token, and a repeat counts once", async () => {
    const hooks = await openHooks();
    for (const token of [null, "", "a-secret-of-the-forgE", `${SECRET}x`])
      expect((await deliverGitLab(hooks, mergeRequest("close"), token)).status).toBe(401);
    expect(await hooks.states(2)).toEqual([]);
    await deliverGitLab(hooks, mergeRequest("close"), SECRET);
    await deliverGitLab(hooks, mergeRequest("close"), SECRET);
    expect(await hooks.states(2)).toEqual(["closed"]);
    expect((await deliverGitLab(await openHooks({ gitlabToken: null }), "{}", SECRET)).status).toBe(404);
  });
});
