import { afterAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { scrubberOfUsers } from "../log/log.ts";
import { createKnownSecrets } from "../vault/known-secrets.ts";
import { namedKey } from "../vault/master-key.ts";
import { createWorkerCalls } from "./worker-calls.ts";

const MEMBER = "u_member";
const master = { ...namedKey(randomBytes(32)), source: "file" as const, previous: [] };
const folder = await mkdtemp(join(tmpdir(), "farhand-calls-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The calls over real stores; `said` reports a line of an agent and gives what of it stands in the log. */
async function open(path: string) {
  const known = createKnownSecrets([], { now: () => new Date() });
  const stores = await openStores(path, { known, master, resolve: async () => ["93.184.216.34"] });
  const { tasks, log } = stores;
  const calls = createWorkerCalls({
    ...stores,
    scrub: scrubberOfUsers(known.of),
  } as unknown as Parameters<typeof createWorkerCalls>[0]);
  const said = async (number: number, output: string) => {
    await calls.append({ taskId: taskId(number), attempt: 1 }, [
      {
        n: 1,
        at: "2026-01-01T00:00:00.000Z",
        event: { type: "tool.started", toolUseId: "toolu_1", name: "bash", label: output },
      },
    ]);
    const { events } = await log.read(taskId(number), 0, 100);
    return events.map(({ body }) => (body.type === "tool.started" ? body.label : "")).join("");
  };
  const begin = async (number: number, userId: string) => {
    await tasks.create(newTask(number, { userId }));
    await tasks.claim(taskId(number), { owner: "test", untilMs: Number.MAX_SAFE_INTEGER });
  };
  /** What is kept of an output of the agent's. */
  const kept = async (number: number, output: string) => {
    await calls.keepOutput({ taskId: taskId(number), attempt: 1 }, "toolu_1", output);
    return await (await stores.outputs.open(taskId(number), "toolu_1"))?.text();
  };
  return { ...stores, said, kept, begin };
}

test("what a member calls a key or a secret is cut out of no task but the member's own", async () => {
  await using world = await open(":memory:");
  const { keys, users, begin, said } = world;
  await users.setOwner({ id: MEMBER, login: "member", token: "fho_member-token-for-tests" });
  await begin(1, OWNER.id);
  await begin(2, MEMBER);
  const name = "bulkDiscountOfTheShop";
  await keys.put(MEMBER, { purpose: "gitlab", baseUrl: "https://git.example.com", key: name }, true);
  const secret = {
    repository: "https://git.example.com/o/n",
    name: "A",
    value: "function",
    isForAgent: false,
  };
  await keys.putSecret(MEMBER, secret);
  const code = `function ${name}() {}`;
  expect(await said(1, code)).toBe(code);
  expect(await said(2, code)).toBe("[redacted] [redacted]() {}");
});

test("what an earlier process of the server gave to an agent is cut out, though this one never opened it", async () => {
  const path = join(folder, "agent.db");
  const value = "canary-for-the-agent-0123456789";
  {
    await using before = await open(path);
    const { repository } = newTask(1);
    await before.keys.putSecret(OWNER.id, { repository, name: "TOKEN", value, isForAgent: true });
    await before.begin(1, OWNER.id);
  }
  await using after = await open(path);
  expect(await after.said(1, `echo ${value}`)).toBe("echo [redacted]");
  expect(await after.kept(1, `${value}\n${value}`)).toBe("[redacted]\n[redacted]");
});
