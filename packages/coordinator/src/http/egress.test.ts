import { afterEach, beforeEach, expect, test } from "bun:test";
import { EgressOverview, Problem, TaskEgress } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

let stores: Awaited<ReturnType<typeof openStores>>;
let app: ReturnType<typeof appOver>;
beforeEach(async () => {
  stores = await openStores();
  await stores.tasks.create(newTask(1));
  app = appOver(stores);
});
afterEach(() => stores[Symbol.asyncDispose]());

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  return app.request(`/api${path}`, {
    method,
    headers: { authorization: `Bearer ${OWNER.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const { repository } = newTask(1);
const ALLOW = `/tasks/${taskId(1)}/egress/allow`;
const events = async () => (await stores.log.read(taskId(1), 0, 100)).events.map(({ body }) => body);
const audited = async () =>
  (await stores.audit.list({ before: null, limit: 10, userId: null })).map(({ action, subject, detail }) => [
    action,
    subject,
    detail,
  ]);

test("a host is allowed for the repository with one call, which the log and the audit log tell once", async () => {
  for (const host of ["Mirror.Example.com", "mirror.example.com"]) {
    const answer = await ask("POST", ALLOW, { host });
    expect(answer.status).toBe(200);
    expect(TaskEgress.parse(await answer.json())).toEqual({
      repository,
      mode: "packages",
      hosts: ["mirror.example.com"],
    });
  }
  expect((await events()).filter(({ type }) => type === "egress.allowed")).toEqual([
    { type: "egress.allowed", host: "mirror.example.com" },
  ]);
  expect(await audited()).toEqual([["host.allowed", "mirror.example.com", repository]]);
  const overview = EgressOverview.parse(await (await ask("GET", "/egress")).json());
  expect(overview.repositories).toEqual([{ repository, mode: null, hosts: ["mirror.example.com"] }]);
  expect(overview.packageHosts).toContain("pypi.org");
});

test.each(["*.example.com", "localhost", "169.254.169.254", "::1", "a.com:0", "https://a.com", ""])(
  "%j is nothing that can be allowed with one call",
  async (host) => {
    const answer = await ask("POST", ALLOW, { host });
    expect(answer.status).toBe(400);
    expect(Problem.parse(await answer.json()).fields?.[0]?.path).toBe("host");
    expect(await audited()).toEqual([]);
  },
);

test("where the network is off, allowing a host is refused and says what to do", async () => {
  expect((await ask("PUT", "/egress/repositories", { repository, mode: "none", hosts: [] })).status).toBe(
    200,
  );
  const answer = await ask("POST", ALLOW, { host: "mirror.example.com" });
  expect(answer.status).toBe(409);
  expect(Problem.parse(await answer.json()).action).toContain("mode to list or packages");
});

test("the default and a repository's own settings are set whole, and each change is recorded", async () => {
  await ask("PUT", "/egress", { mode: "list", hosts: ["*.Example.com", "a.test:8443"] });
  const answer = await ask("PUT", "/egress/repositories", { repository, mode: "all", hosts: [] });
  expect(EgressOverview.parse(await answer.json())).toMatchObject({
    default: { mode: "list", hosts: ["*.example.com", "a.test:8443"] },
    repositories: [{ repository, mode: "all", hosts: [] }],
  });
  expect(await (await ask("GET", `/tasks/${taskId(1)}/egress`)).json()).toEqual({
    repository,
    mode: "all",
    hosts: ["*.example.com", "a.test:8443"],
  });
  expect(await audited()).toEqual([
    ["settings.changed", `egress ${repository}`, "network: all"],
    ["settings.changed", "egress", "network: list *.example.com a.test:8443"],
  ]);
});

test.each([
  { mode: "some", hosts: [] },
  { mode: "list", hosts: ["*"] },
  { mode: "list", hosts: ["*.com"] },
  { mode: "list" },
  { mode: "list", hosts: [], more: 1 },
])("the settings %j are refused", async (settings) => {
  expect((await ask("PUT", "/egress", settings)).status).toBe(400);
});
