import { expect, test } from "bun:test";
import { Problem } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { appOver } from "../../test/app-over.ts";
import { messageId, newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const STRANGER = { id: "u_stranger", login: "stranger", token: "fho_stranger-token-for-tests" };

/** A body that the route takes, so that nothing but whose it is can be the reason for a refusal. */
const bodies: Record<string, unknown> = {
  "post /tasks/{id}/messages": fixtures.commands.sendMessage[0],
  "patch /tasks/{id}/messages/{messageId}": fixtures.commands.editMessage[0],
  "put /tasks/{id}/messages/order": fixtures.commands.reorderMessages[0],
  "post /tasks/{id}/rollback": fixtures.commands.rollBack[0],
  "post /tasks/{id}/fork": fixtures.commands.forkTask[0],
  "post /tasks/{id}/budget": { maxUsd: 1, maxTokens: null },
  "patch /members/{id}": { cap: null },
  "post /tasks/{id}/answer": fixtures.commands.answerQuestion[0],
  "post /tasks/{id}/approve": { kind: "workflows" },
  "patch /devices/{id}": { label: "mine now" },
  "post /tasks/{id}/egress/allow": { host: "example.com" },
};

/** What the route cannot do without. */
const queries: Record<string, string> = { "/tasks/{id}/files/search": "?q=what" };

test("on every route with an id, what is somebody else's is as what never was", async () => {
  const stores = await openStores();
  await stores.users.setOwner(STRANGER);
  await stores.tasks.create(newTask(1));
  const { key } = await stores.keys.put(
    OWNER.id,
    { purpose: "model", baseUrl: "https://model.example.com", key: "sk-ant-key-of-the-owner-0123" },
    true,
  );
  await stores.sessions.addGrant(
    {
      id: "g_owner",
      userId: OWNER.id,
      clientId: "farhand-cli",
      label: "",
      address: null,
      createdAt: stores.clock.now().toISOString(),
      expiresAt: "2100-01-01T00:00:00.000Z",
    },
    "a hash",
  );
  const owner = { userId: OWNER.id, role: "owner" as const, sessionId: null, via: "local" as const };
  const { device } = await stores.devices.register(owner, {
    label: "the owner's",
    target: { channel: "expo", token: "ExponentPushToken[of-the-owner]" },
  });
  const invite = await stores.signIn.invite(OWNER.id, { provider: "github", login: "octocat" });
  const attachment = crypto.randomUUID();
  await stores.attachments.put(
    OWNER.id,
    { id: attachment, name: "plan.txt", mediaType: "text/plain" },
    new TextEncoder().encode("the owner's"),
  );
  /** By the first word of the path: an id of the owner's, and one that nobody has. */
  const ids: Record<string, [foreign: string, unknown: string]> = {
    sessions: ["g_owner", "g_nobody"],
    members: [OWNER.id, "u_nobody"],
    invites: [invite.id, "i_nobody"],
    tasks: [taskId(1), taskId(9)],
    attachments: [attachment, crypto.randomUUID()],
    devices: [device.id, `d_${"0".repeat(26)}`],
    keys: [key.id, key.id.replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
  };
  const app = appOver(stores);
  const ask = async (method: string, route: string, id: string) => {
    const body = bodies[`${method} ${route}`];
    const answer = await app.request(
      `/api${route.replace("{id}", id).replace("{messageId}", messageId(1))}${queries[route] ?? ""}`,
      {
        method: method.toUpperCase(),
        headers: {
          authorization: `Bearer ${STRANGER.token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    );
    const { requestId: _, ...problem } = Problem.parse(await answer.json());
    return { ...problem, detail: problem.detail.replaceAll(id, "the id") };
  };

  const asked = new Set<string>();
  const { paths } = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
  for (const [path, methods] of Object.entries(paths ?? {})) {
    const route = path.replace(/^\/api/, "");
    if (!route.includes("{")) continue;
    const [foreign, unknown] = ids[route.split("/")[1] ?? ""] ?? [];
    if (!foreign || !unknown) throw new Error(`this test has to be told an id for ${route}`);
    for (const method of Object.keys(methods ?? {})) {
      // The client makes these ids, so that another's is as free as any.
      if (`${method} ${route}` === "put /attachments/{id}") continue;
      const seen = await ask(method, route, foreign);
      expect([method, route, seen.status, seen]).toEqual([
        method,
        route,
        404,
        await ask(method, route, unknown),
      ]);
      asked.add(`${method} ${route}`);
    }
  }
  expect(asked.size).toBeGreaterThan(18);
  // Every body is for a route that there is.
  expect(Object.keys(bodies).filter((route) => !asked.has(route))).toEqual([]);
  // Nothing of it has left a trace.
  expect((await stores.log.read(taskId(1), 0, 100)).lastSeq).toBe(2);
  expect(await stores.devices.list(owner)).toEqual([{ ...device, isCurrent: false }]);
  expect((await stores.keys.list(OWNER.id)).map(({ id }) => id)).toEqual([key.id]);
  expect((await stores.sessions.list(OWNER.id)).map(({ id }) => id)).toEqual(["g_owner"]);
  expect((await stores.invites.list()).map(({ id }) => id)).toEqual([invite.id]);
});
