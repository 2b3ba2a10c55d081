import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@farhand/client";
import type { EventBody, Task } from "@farhand/protocol";
import { type ClaudeSimulator, startClaudeSimulator } from "@farhand/simulators/claude";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { canaryFinder, plant, searchBackup, searchFolder, takeBackup } from "./support/canaries.ts";
import { containersOf, engine, noDocker } from "./support/docker.ts";
import { addMember } from "./support/member.ts";
import { openWorld, type World } from "./support/world.ts";

/** In the environment of the server, and for the owner alone. */
const OWNERS = {
  modelKey: "sk-ant-owners-canary-model-key-00000001",
  githubToken: "ghp_ownersCanary0GitHub1Token2For3Tests01",
};
/** Given to the server while it runs. */
const MEMBERS = {
  modelKey: "sk-ant-members-canary-model-key-0000002",
  githubToken: "ghp_membersCanary0GitHub1Token2For3Tests2",
};
const SECRETS = {
  setup: "canary-of-the-setup-phase-0123456789",
  agent: "canary-for-the-agent-too-0123456789",
};
const ALL = { ...OWNERS, memberModel: MEMBERS.modelKey, memberGitHub: MEMBERS.githubToken, ...SECRETS };

let world: World;
let claude: ClaudeSimulator;
let github: GitHubSimulator;
let member: Client;
let memberToken: string;
const repositories = { octo: "", mallory: "" };
/** Of the pull requests that were opened for the owner. */
let titles = () => "";

beforeAll(async () => {
  if (noDocker) return;
  claude = await startClaudeSimulator({ apiKeys: [OWNERS.modelKey, MEMBERS.modelKey], delayFactor: 0 });
  const base = await openWorld();
  world = base;
  const root = join(base.folder, "github-of-two");
  await mkdir(root);
  github = await startGitHubSimulator({
    tokens: { [OWNERS.githubToken]: "octo", [MEMBERS.githubToken]: "mallory" },
    root,
  });
  for (const login of ["octo", "mallory"] as const) {
    const added = await github.addRepository(login, "shop", join(base.folder, "sample.git"), {
      private: true,
      collaborators: [],
    });
    repositories[login] = added.cloneUrl;
    if (login === "octo") titles = () => added.pulls.map(({ title }) => title).join("\n");
  }
  await world.restart({
    FARHAND_ANTHROPIC_URL: claude.url,
    ANTHROPIC_API_KEY: OWNERS.modelKey,
    FARHAND_GITHUB_URL: github.url,
    FARHAND_GITHUB_API_URL: github.apiUrl,
    FARHAND_GITHUB_TOKEN: OWNERS.githubToken,
  });
  ({ client: member, token: memberToken } = addMember(world, "mallory"));
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await claude?.[Symbol.asyncDispose]();
  await github?.[Symbol.asyncDispose]();
});

const ENDED = ["idle", "failed", "cancelled"];

/** Waits for the end of a task of whoever the client belongs to. */
async function ended(client: Client, taskId: string): Promise<Task> {
  for await (const item of client.follow(taskId))
    if (
      item.type === "event" &&
      item.event.body.type === "state.changed" &&
      ENDED.includes(item.event.body.to)
    )
      return client.getTask(taskId);
  throw new Error("the log ended");
}

async function play(client: Client, repository: string, scenario = "fix-failing-test"): Promise<Task> {
  const { id } = await client.createTask({ repository, prompt: `Do it. [scenario:${scenario}]` });
  return ended(client, id);
}

/** The secrets that a text holds, plain or as git and HTTP encode them. */
const canariesIn = canaryFinder(ALL);

/**
 * What the scenario searches for, in base64 in which none of the secrets stands in base64 itself: the prompt is kept, and
 * would be found.
 */
function needlesOf(secrets: string[]): string {
  let text = "no-such-needle";
  for (const secret of secrets) {
    if ((text.length + 1) % 3 === 0) text += "\nno-such-needle-2";
    text += `\n${secret}`;
  }
  return btoa(text);
}

const codeOf = (error: unknown) => (error as { code?: string }).code;

describe.skipIf(noDocker)("a member", () => {
  test("without a model key gets a clear failure, and never the owner's key", async () => {
    const before = claude.requests.length;
    await member.putKey({ purpose: "github", key: MEMBERS.githubToken });
    const task = await play(member, repositories.mallory);
    expect(task).toMatchObject({ state: "failed", failure: { code: "model_key_missing" } });
    expect(task.failure?.action).toContain("farhand keys add model");
    expect(claude.requests.slice(before)).toEqual([]);
  });

  test("cannot use the owner's forge token, paths, ssh keys or networks", async () => {
    const refused = await play(member, repositories.octo);
    expect(refused).toMatchObject({ state: "failed" });
    expect(refused.failure?.code).toMatch(/^repository_/);
    for (const repository of [
      "/root/secret",
      "git@git.example.com:o/n",
      "http://169.254.169.254/o/n",
      "http://127.0.0.1:1/o/n",
    ]) {
      const error = await member.createTask({ repository, prompt: "Do it." }).catch((it: unknown) => it);
      expect([repository, codeOf(error)]).toEqual([
        repository,
        repository.startsWith("http:") ? "address_refused" : "invalid_request",
      ]);
    }
    const error = await member
      .putKey({ purpose: "model", baseUrl: "http://169.254.169.254", key: "some-key-0123456789" })
      .catch((it: unknown) => it);
    expect(codeOf(error)).toBe("address_refused");
  });

  test("is told at once that a key is refused, in the service's words, and it is not kept", async () => {
    const error = await member
      .putKey({ purpose: "model", key: "sk-ant-wrong-key-0123456789" })
      .catch((it: unknown) => it);
    expect(codeOf(error)).toBe("key_refused");
    expect(String(error)).toContain("invalid x-api-key");
    expect(String(error)).not.toContain("sk-ant-wrong-key");
    expect((await member.keys()).keys.map(({ purpose }) => purpose)).toEqual(["github"]);
  });

  test("works with keys of their own, at the same time as the owner, and the keys never mix", async () => {
    const key = await member.putKey({ purpose: "model", key: MEMBERS.modelKey });
    expect(key).toMatchObject({ check: "ok", lastFour: "0002", purpose: "model" });
    const before = claude.requests.length;
    const [mine, theirs] = await Promise.all([
      play(member, repositories.mallory),
      play(world.client, repositories.octo),
    ]);
    expect([mine.state, theirs.state]).toEqual(["idle", "idle"]);
    expect(mine.pullRequestUrl).toContain("/mallory/shop/pull/");
    expect(theirs.pullRequestUrl).toContain("/octo/shop/pull/");
    const calls = claude.requests.slice(before).filter(({ path }) => path.startsWith("/v1/messages"));
    const of = (index: number) => calls.filter(({ keyIndex }) => keyIndex === index).length;
    const used = async (client: Client, id: string) =>
      (await client.events(id, { limit: 1000 })).events.filter(({ body }) => body.type === "model.used")
        .length;
    expect(of(0)).toBe(await used(world.client, theirs.id));
    expect(of(1)).toBe(await used(member, mine.id));
    expect(of(0) + of(1)).toBe(calls.length);
  });

  test("sees only their own keys, and can neither try nor remove another's", async () => {
    const owners = await world.client.putKey({ purpose: "github", key: OWNERS.githubToken });
    expect((await member.keys()).keys.map(({ id }) => id)).not.toContain(owners.id);
    for (const error of [
      await member.checkKey(owners.id).catch((it: unknown) => it),
      await member.removeKey(owners.id).catch((it: unknown) => it),
    ])
      expect(codeOf(error)).toBe("not_found");
    expect((await world.client.keys()).keys.map(({ id }) => id)).toEqual([owners.id]);
  });
});

describe.skipIf(noDocker)("a model key that its service wants as a bearer token", () => {
  test("does the whole task as one", async () => {
    const key = "mk-owners-canary-bearer-key-0000000003";
    await using strict = await startClaudeSimulator({ apiKeys: [key], header: "bearer", delayFactor: 0 });
    const given = { purpose: "model" as const, baseUrl: `${strict.url}/v1`, key };
    const refused = await world.client.putKey(given).catch((it: unknown) => it);
    expect(codeOf(refused)).toBe("key_refused");
    const kept = await world.client.putKey({ ...given, isBearer: true });
    expect(kept).toMatchObject({ check: "ok", isBearer: true, baseUrl: strict.url });
    const before = strict.requests.length;
    expect((await play(world.client, repositories.octo)).state).toBe("idle");
    const calls = strict.requests.slice(before).filter(({ path }) => path.startsWith("/v1/messages"));
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter(({ keyIndex }) => keyIndex !== 0)).toEqual([]);
    await world.client.removeKey(kept.id);
  });
});

describe.skipIf(noDocker)("what a member calls a key or a secret", () => {
  test("is cut out of none of the owner's events and pull requests", async () => {
    const words = { repository: repositories.mallory, name: "WORD", isForAgent: false };
    await member.putSecret({ ...words, value: "discount" });
    const key = await member.putKey(
      { purpose: "gitlab", key: "bulk discount from ten pieces on".replaceAll(" ", "-") },
      { isUnchecked: true },
    );
    for (const refused of ["discount", "function", "the-function-of-a-discount"])
      await member.putKey({ purpose: "model", key: refused }).catch(() => undefined);
    const [theirs, mine] = await Promise.all([
      play(world.client, repositories.octo),
      play(member, repositories.mallory),
    ]);
    const said = async (client: Client, id: string) =>
      JSON.stringify(await client.events(id, { limit: 1000 }));
    const owners = await said(world.client, theirs.id);
    expect([theirs.state, owners.includes("discount"), owners.includes("[redacted]")]).toEqual([
      "idle",
      true,
      false,
    ]);
    expect(titles()).toContain("discount");
    expect(titles()).not.toContain("[redacted]");
    // The member's own are without it: the word was a secret there.
    expect(await said(member, mine.id)).toContain("[redacted]");
    await member.removeSecret(words.repository, words.name);
    await member.removeKey(key.id);
  });
});

describe.skipIf(noDocker)("a repository's secrets", () => {
  test("reach the agent only where that was switched on, and stand in no event even when it prints them", async () => {
    const repository = repositories.octo;
    const put = (name: string, value: string, isForAgent: boolean) =>
      world.client.putSecret({ repository, name, value, isForAgent });
    expect((await put("SETUP_TOKEN", SECRETS.setup, false)).warning).toBeNull();
    expect((await put("AGENT_TOKEN", SECRETS.agent, true)).warning).toContain("can print it");
    const { id } = await world.client.createTask({
      repository,
      prompt: `Look. [scenario:grep-for-secrets needles=${needlesOf(Object.values(ALL))}]`,
    });
    await world.until(id, (body) => body.type === "tool.started");
    const [container] = await containersOf(id);
    const inspected = await (await engine("GET", `/containers/${container}/json`)).text();
    expect(canariesIn(inspected)).toEqual([]);
    expect((await ended(world.client, id)).state).toBe("idle");
    const printed = (await world.bodies(id, "tool.finished"))
      .map(({ content }) => String(content))
      .join("\n");
    expect(printed).toContain("--- done");
    const found = printed.split("\n").filter((line) => line.includes("FOUND IN"));
    // Its own shell's environment has the one that it was given, and so has the worker's report of what it printed.
    expect(found.filter((line) => !/environ|\/spool\/|AGENT_TOKEN/.test(line))).toEqual([]);
    expect(found.length).toBeGreaterThan(0);
    expect(canariesIn(JSON.stringify(await world.events(id)))).toEqual([]);
  });

  test("are there for the owner of the secret alone", async () => {
    expect((await member.secrets()).secrets).toEqual([]);
    const { secrets } = await world.client.secrets();
    expect(secrets.map(({ name, isForAgent }) => [name, isForAgent])).toEqual([
      ["AGENT_TOKEN", true],
      ["SETUP_TOKEN", false],
    ]);
    expect(canariesIn(JSON.stringify(secrets))).toEqual([]);
  });
});

describe.skipIf(noDocker)("no key or secret is found in the clear", () => {
  test("in any file or git object of the data folder, in the logs, in events, or in a process's arguments", async () => {
    const data = world.settings.FARHAND_DATA ?? "";
    expect(await readdir(data)).toEqual(expect.arrayContaining(["agent.db", "master.key", "repos"]));
    expect(await searchFolder(data, canariesIn)).toEqual([]);
    {
      await using planted = await plant(data, SECRETS.agent);
      expect(await searchFolder(data, canariesIn)).toEqual([`${planted.place}: agent`]);
    }
    expect(canariesIn(world.coordinator.logged())).toEqual([]);
    const bodies: EventBody[] = [];
    for (const client of [world.client, member])
      for (const { id } of (await client.listTasks({ limit: 100 })).tasks)
        bodies.push(...(await client.events(id, { limit: 1000 })).events.map(({ body }) => body));
    expect(bodies.length).toBeGreaterThan(50);
    expect(canariesIn(JSON.stringify(bodies))).toEqual([]);
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const line = await Bun.file(`/proc/${pid}/cmdline`)
        .text()
        .catch(() => "");
      expect(canariesIn(line)).toEqual([]);
    }
  });

  test("in a backup, which holds the sealed keys and no master key", async () => {
    const data = world.settings.FARHAND_DATA ?? "";
    const file = await takeBackup(data, join(world.folder, "backup.tar.gz"));
    const text = Buffer.from(Bun.gunzipSync(await Bun.file(file).bytes())).toString("latin1");
    expect(text).toContain("repository_secrets");
    const master = (await Bun.file(join(data, "master.key")).text()).trim();
    expect([text.includes(master), text.includes("master.key")]).toEqual([false, false]);
    const find = canaryFinder({ ...ALL, master });
    expect(await searchBackup(file, find)).toEqual([]);
    await using planted = await plant(data, master);
    const other = await takeBackup(data, join(world.folder, "planted.tar.gz"));
    expect(await searchBackup(other, find)).toEqual([`${planted.place.replace(/^repos\//, "")}: master`]);
  });

  test("in an answer of the API, also one that refuses", async () => {
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${world.client.baseUrl}/api${path}`, {
        ...init,
        headers: { authorization: `Bearer ${memberToken}`, "content-type": "application/json" },
      });
    const answers = await Promise.all([
      ask("/keys"),
      ask("/secrets"),
      ask("/keys", {
        method: "PUT",
        body: JSON.stringify({ purpose: "model", key: `${MEMBERS.modelKey} x` }),
      }),
      ask("/keys", { method: "PUT", body: JSON.stringify({ purpose: "nothing", key: MEMBERS.modelKey }) }),
      ask("/keys", {
        method: "PUT",
        body: JSON.stringify({ purpose: "model", [MEMBERS.modelKey]: 1, key: "x" }),
      }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 400]);
    const texts = await Promise.all(answers.slice(0, 4).map((answer) => answer.text()));
    expect(canariesIn(texts.join("\n"))).toEqual([]);
  });

  test("by this test's own search, were it there: the control", () => {
    expect(canariesIn(`x ${MEMBERS.modelKey} y ${btoa(`oauth2:${SECRETS.setup}`)}`)).toEqual([
      "memberModel",
      "setup",
    ]);
  });
});

describe.skipIf(noDocker)("the keys go on working", () => {
  test("after a restart, and after the master key was exchanged while the server was stopped", async () => {
    const data = world.settings.FARHAND_DATA ?? "";
    const keyFile = Bun.file(join(data, "master.key"));
    const before = await keyFile.text();
    const rotate = async () => {
      const child = Bun.spawn([process.execPath, "packages/coordinator/src/rotate-master-key.ts"], {
        cwd: join(import.meta.dir, "../.."),
        env: { PATH: process.env.PATH, FARHAND_DATA: data },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      return JSON.parse(await child.stdout.text());
    };
    // While the server runs it has the data folder.
    expect(await rotate()).toMatchObject({ event: "failed", code: "conflict" });
    expect(await keyFile.text()).toBe(before);
    await world.coordinator.stop();
    expect(await rotate()).toMatchObject({ event: "rotated", resealed: 5, unreadable: 0, source: "file" });
    const after = await Bun.file(join(data, "master.key")).text();
    expect(after).not.toBe(before);
    expect(after.trim().split("\n")).toHaveLength(1);
    await world.restart({
      FARHAND_ANTHROPIC_URL: claude.url,
      ANTHROPIC_API_KEY: OWNERS.modelKey,
      FARHAND_GITHUB_URL: github.url,
      FARHAND_GITHUB_API_URL: github.apiUrl,
      FARHAND_GITHUB_TOKEN: OWNERS.githubToken,
    });
    const { createClient } = await import("@farhand/client");
    member = createClient({ baseUrl: world.client.baseUrl, token: memberToken });
    expect((await play(member, repositories.mallory)).state).toBe("idle");
  }, 60_000);
});
