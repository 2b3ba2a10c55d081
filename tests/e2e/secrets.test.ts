import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "@farhand/protocol";
import { containersOf, engine, noDocker } from "./support/docker.ts";
import { git } from "./support/git.ts";
import { CANARY, openWorld, type World } from "./support/world.ts";

let world: World;
let task: Task;
let inspected = "";
let owner = "";
let printed = "";

/** One task whose agent looks for the canaries everywhere it can reach, and everything that it leaves behind. */
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld();
  owner = (await Bun.file(join(world.settings.FARHAND_DATA ?? "", "owner.token")).text()).trim();
  const needles = btoa([...Object.values(CANARY), owner].join("\n"));
  const { id } = await world.create({
    prompt: `Look around. [scenario:grep-for-secrets needles=${needles}]`,
  });
  await world.until(id, (body) => body.type === "tool.started");
  const [container] = await containersOf(id);
  const details = await engine("GET", `/containers/${container}/json`);
  const logs = await engine("GET", `/containers/${container}/logs?stdout=1&stderr=1`);
  inspected = `${await details.text()}\n${await logs.text()}`;
  task = await world.ended(id);
  printed = (await world.bodies(id, "tool.finished")).map(({ content }) => String(content)).join("\n");
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** The secrets that a text holds, plain or as git and HTTP encode them. */
function canariesIn(text: string): string[] {
  return Object.entries({ ...CANARY, owner }).flatMap(([name, secret]) => {
    const forms = [secret, btoa(secret), btoa(`x-access-token:${secret}`), encodeURIComponent(secret)];
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}

describe.skipIf(noDocker)("no secret is found", () => {
  test("by the agent in any file, environment, process or git configuration of its sandbox", () => {
    expect(task.state).toBe("idle");
    // The search itself has run to its end and knew what to look for.
    expect(printed).toContain("needles: 3");
    expect(printed).toContain("--- done");
    expect(printed).not.toContain("FOUND IN");
    expect(canariesIn(printed)).toEqual([]);
  });

  test("in what Docker knows of the container: settings, environment, arguments, log", () => {
    expect(inspected).toContain("FARHAND_GATEWAY_SOCKET");
    expect(canariesIn(inspected)).toEqual([]);
  });

  test("in the task's events", async () => {
    expect(canariesIn(JSON.stringify(await world.events(task.id)))).toEqual([]);
  });

  test("in the logs", () => {
    expect(world.coordinator.logged()).toContain(task.id);
    expect(canariesIn(world.coordinator.logged())).toEqual([]);
  });

  test("in any file of the data folder but the owner's own", async () => {
    const data = world.settings.FARHAND_DATA ?? "";
    const names = await readdir(data, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.some((file) => file.endsWith("agent.db"))).toBe(true);
    const hits: string[] = [];
    for (const file of files) {
      const text = Buffer.from(await Bun.file(file).bytes()).toString("latin1");
      if (canariesIn(text).length > 0) hits.push(file.slice(data.length + 1));
    }
    expect(hits).toEqual(["owner.token"]);
  });

  test("in the arguments of any process on the machine while the coordinator runs", async () => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      pids.map((pid) =>
        Bun.file(`/proc/${pid}/cmdline`)
          .text()
          .catch(() => ""),
      ),
    );
    expect(canariesIn(lines.join("\n"))).toEqual([]);
  });

  test("by this test's own search, were it there: the control", () => {
    expect(canariesIn(`x ${CANARY.modelKey} y`)).toEqual(["modelKey"]);
    expect(canariesIn(`basic ${btoa(`x-access-token:${CANARY.githubToken}`)}`)).toEqual(["githubToken"]);
  });
});

describe.skipIf(noDocker)("the gateway's wall, from inside the sandbox", () => {
  test("lets the agent push nowhere else and reach nothing else, and says that it is policy", async () => {
    const tried = await world.play("push-elsewhere");
    expect(tried.state).toBe("idle");
    const results = (await world.bodies(tried.id, "tool.finished")).map(({ content }) => String(content));
    const all = results.join("\n");
    // Each push was refused: main, a tag, a deletion, another branch.
    expect(all.match(/exit 1\b/g)?.length ?? 0).toBeGreaterThanOrEqual(4);
    expect(all).toContain("policy");
    // Each address, with what came back for it.
    const answers = all.split(/^== /m).slice(1);
    const status = (address: string) =>
      answers.find((answer) => answer.startsWith(address))?.match(/\(status (\d+)\)/)?.[1];
    // By the proxy, which lets no more through than package registries.
    expect(status("outside")).toBe("403");
    const walled = [
      "/v1/files",
      "/v1/organizations/users",
      "/farhand/v1/assignment",
      "/git/task.git/HEAD",
      "/api/tasks",
    ];
    for (const address of walled) expect([address, status(address)]).toEqual([address, "403"]);
    // The token of the attempt can be read in the sandbox. It opens no more than the worker itself may have.
    expect(all).toContain("token found");
    const past = answers.filter((answer) => /^socket [A-Z]+ /.test(answer));
    expect(past).toHaveLength(8);
    for (const answer of past) expect(answer).toMatch(/\(status (403|400)\)/);
    expect(status("socket without token")).toBe("401");
    expect(status("socket with token")).toBe("200");
    const refs = await git(["-C", world.sample.path, "for-each-ref", "--format=%(refname)"]);
    expect(refs).not.toContain("refs/tags/v1");
    expect(refs).not.toContain("farhand/another");
  });
});
