import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "@farhand/protocol";
import { canaryFinder, plant, searchBackup, searchFolder, takeBackup } from "./support/canaries.ts";
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
const canariesIn = (text: string) => canaryFinder({ ...CANARY, owner })(text);

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

  test("in any file or git object of the data folder but the owner's own, where a planted one is found", async () => {
    const data = world.settings.FARHAND_DATA ?? "";
    expect(await readdir(data)).toContain("agent.db");
    expect(await searchFolder(data, canariesIn)).toEqual(["owner.token: owner"]);
    await using planted = await plant(data, CANARY.githubToken);
    expect(await searchFolder(data, canariesIn)).toEqual([
      "owner.token: owner",
      `${planted.place}: githubToken`,
    ]);
  });

  test("in a backup, where a planted one is found", async () => {
    const data = world.settings.FARHAND_DATA ?? "";
    const archive = (name: string) => takeBackup(data, join(world.folder, name));
    expect(await searchBackup(await archive("clean.tar.gz"), canariesIn)).toEqual([]);
    await using planted = await plant(data, CANARY.modelKey);
    const hits = await searchBackup(await archive("planted.tar.gz"), canariesIn);
    expect(hits).toEqual([`${planted.place.replace(/^repos\//, "")}: modelKey`]);
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
