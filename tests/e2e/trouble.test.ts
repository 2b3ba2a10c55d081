import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ErrorCode, Task } from "@farhand/protocol";
import { startCoordinator } from "./support/coordinator.ts";
import { cuttableEngine } from "./support/cuttable-engine.ts";
import { containersOf, engine, noDocker } from "./support/docker.ts";
import { CANARY, openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld({
    FARHAND_TOOL_TIMEOUT_SECONDS: "3",
    FARHAND_MODEL_RETRIES: "3",
    FARHAND_ENGINE_AWAY_SECONDS: "2",
  });
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** What every failed task owes its user: a code, two sentences, no sandbox, and a whole log. */
async function expectFailure(task: Task, code: ErrorCode, message: RegExp): Promise<void> {
  expect(task.state).toBe("failed");
  expect(task.failure).toMatchObject({ code });
  expect(task.failure?.message).toMatch(message);
  expect(task.failure?.action.length).toBeGreaterThan(10);
  await expectClean(task);
}

async function expectClean(task: Task): Promise<void> {
  expect(await containersOf(task.id)).toEqual([]);
  const events = await world.events(task.id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.body).toMatchObject({ type: "state.changed", to: task.state });
}

describe.skipIf(noDocker)("a repository", () => {
  test("that does not exist is not found", async () => {
    const repository = `${world.github.url}/octo/nothing.git`;
    await expectFailure(await world.play("say-hello", { repository }), "repository_not_found", /nothing/);
    await expectFailure(
      await world.play("say-hello", { repository: "/nonexistent/repo" }),
      "repository_not_found",
      /nonexistent/,
    );
  });

  test("that is empty says so", async () => {
    const empty = await world.github.addRepository("octo", "empty", null);
    await expectFailure(
      await world.play("say-hello", { repository: empty.cloneUrl }),
      "repository_empty",
      /empty|no commit/i,
    );
  });

  test("that needs a credential says so", async () => {
    await using other = await openWorld({ FARHAND_GITHUB_TOKEN: "" });
    const secret = await other.github.addRepository("octo", "secret", other.sample.path, { private: true });
    const task = await other.play("say-hello", { repository: secret.cloneUrl });
    expect(task.failure?.code).toBe("repository_needs_credential");
    expect(task.failure?.action).toContain("FARHAND_GITHUB_TOKEN");
  });

  test("without the branch that was asked for names those it has", async () => {
    const task = await world.play("say-hello", { baseBranch: "develop" });
    await expectFailure(task, "branch_not_found", /develop/);
    expect(`${task.failure?.message} ${task.failure?.action}`).toContain("main");
  });

  test("on a host that does not answer is unreachable", async () => {
    const repository = "http://127.0.0.1:9/octo/shop.git";
    await expectFailure(
      await world.play("say-hello", { repository }),
      "repository_unreachable",
      /127\.0\.0\.1/,
    );
  });

  test("with a credential in its address is refused before anything is stored", async () => {
    const before = (await world.client.listTasks()).tasks.length;
    const creating = world.create({
      prompt: "x",
      repository: "https://me:hunter2secret@git.example.com/o/r.git",
    });
    await expect(creating).rejects.toMatchObject({
      problem: { code: "repository_url_has_credential", status: 400 },
    });
    expect((await world.client.listTasks()).tasks.length).toBe(before);
    expect(world.coordinator.logged()).not.toContain("hunter2secret");
  });
});

describe.skipIf(noDocker)("the model", () => {
  const failures: [string, string, ErrorCode, RegExp][] = [
    ["refuses the request with 400", "bad-request", "model_request_refused", /./],
    ["is overloaded for good", "overloaded-forever", "model_overloaded", /overloaded/i],
    ["never makes valid JSON of a tool call", "bad-tool-json", "model_bad_answer", /JSON|valid/i],
  ];
  for (const [name, scenario, code, message] of failures)
    test(`that ${name} fails the task with a sentence`, async () => {
      await expectFailure(await world.play(scenario), code, message);
    });

  for (const scenario of [
    "rate-limited",
    "overloaded",
    "server-error",
    "cut-mid-stream",
    "error-mid-stream",
    "bad-tool-json-once",
  ])
    test(`that is ${scenario.replaceAll("-", " ")} is asked again until it answers`, async () => {
      const task = await world.play(scenario);
      expect(task).toMatchObject({ state: "idle", failure: null });
      const notices = await world.bodies(task.id, "notice");
      expect(notices.map(({ code }) => code)).toContain("model_retry");
      await expectClean(task);
    });

  test("that refuses the key fails the task and the key is shown nowhere", async () => {
    const key = "sk-ant-wrong-key-canary-9876543210";
    await using other = await openWorld({ ANTHROPIC_API_KEY: key });
    const task = await other.play("say-hello");
    expect(task.failure?.code).toBe("model_key_refused");
    expect(JSON.stringify(await other.events(task.id)) + other.coordinator.logged()).not.toContain(key);
  });

  test("without any key fails the task and says which setting is missing", async () => {
    await using other = await openWorld({ ANTHROPIC_API_KEY: "" });
    const task = await other.play("say-hello");
    expect(task.failure?.code).toBe("model_key_missing");
    expect(`${task.failure?.message} ${task.failure?.action}`).toContain("ANTHROPIC_API_KEY");
  });

  test("that does not exist fails the task", async () => {
    await expectFailure(
      await world.play("say-hello", { model: "claude-imaginary-9" }),
      "model_unknown",
      /claude-imaginary-9/,
    );
  });

  test("that cannot be reached fails the task", async () => {
    await using other = await openWorld({
      FARHAND_ANTHROPIC_URL: "http://127.0.0.1:9",
      FARHAND_MODEL_RETRIES: "1",
    });
    expect((await other.play("say-hello")).failure?.code).toBe("model_unreachable");
  });
});

describe.skipIf(noDocker)("a tool", () => {
  test("that runs forever is stopped, and the agent is told and goes on", async () => {
    const task = await world.play("sleep-forever");
    expect(task.state).toBe("idle");
    const [result] = await world.bodies(task.id, "tool.finished");
    expect(result?.isError).toBe(true);
    expect(JSON.stringify(result?.content)).toMatch(/stopped|timed out|time-?out/i);
    await expectClean(task);
  });

  test("that prints a gigabyte gives the model a bounded piece and costs no memory", async () => {
    await using other = await openWorld();
    const task = await other.play("print-a-lot");
    expect(task.state).toBe("idle");
    for (const { content } of await other.bodies(task.id, "tool.finished"))
      expect(JSON.stringify(content).length).toBeLessThan(100 * 1024);
  });
});

describe.skipIf(noDocker)("publishing", () => {
  test("that the forge refuses fails the task with the forge's own words", async () => {
    const guarded = await world.github.addRepository("octo", "guarded", world.sample.path);
    await writeHook(
      guarded.path,
      "pre-receive",
      "echo 'GH013: Repository rule violations found' >&2; exit 1",
    );
    const task = await world.play("fix-failing-test", { repository: guarded.cloneUrl });
    await expectFailure(task, "push_refused", /GH013/);
    expect((await world.client.diff(task.id)).filesChanged).toBe(1);
  });

  test("finds the pull request that somebody else has opened for the branch, and opens no second one", async () => {
    const shop = await world.github.addRepository("octo", "twice", world.sample.path);
    // The forge's own automation opens one as soon as the branch arrives, before Farhand can ask for it.
    const open = `const head = (await Bun.stdin.text()).trim().split("refs/heads/")[1];
      const { status } = await fetch("${world.github.apiUrl}/repos/octo/twice/pulls", {
        method: "POST",
        headers: { authorization: "Bearer ${CANARY.githubToken}", "content-type": "application/json" },
        body: JSON.stringify({ title: "Opened by a robot", head, base: "main" }),
      });
      if (status !== 201) throw new Error("status " + status);`;
    await Bun.write(join(shop.path, "robot.ts"), open);
    await writeHook(shop.path, "post-receive", `exec '${process.execPath}' '${join(shop.path, "robot.ts")}'`);
    const task = await world.play("fix-failing-test", { repository: shop.cloneUrl });
    expect(task.state).toBe("idle");
    expect(shop.pulls.map(({ title }) => title)).toEqual(["Opened by a robot"]);
    expect(await world.bodies(task.id, "pull_request.opened")).toMatchObject([{ number: 1, existed: true }]);
  });

  test("is tried again by the forge client while the forge is down for a moment", async () => {
    const shop = await world.github.addRepository("octo", "flaky", world.sample.path);
    const { id } = await world.create({
      prompt: "Do it. [scenario:fix-failing-test]",
      repository: shop.cloneUrl,
    });
    await world.until(id, (body) => body.type === "turn.finished");
    world.github.failNext({ count: 1, status: 502, on: "rest" });
    expect((await world.ended(id)).pullRequestUrl).toContain("/pull/");
  });
});

describe.skipIf(noDocker)("the machine", () => {
  test("without Docker fails the task and says how to start it", async () => {
    await using other = await openWorld({ DOCKER_HOST: "unix:///nonexistent/docker.sock" });
    const task = await other.play("say-hello");
    expect(task.failure).toMatchObject({
      code: "sandbox_unavailable",
      action: expect.stringMatching(/docker/i),
    });
    const { checks } = await other.client.ready();
    expect(checks.find(({ name }) => name === "sandbox")?.ok).toBe(false);
  });

  test("whose Docker goes away midway fails the task, and the container is removed when it is back", async () => {
    await using docker = await cuttableEngine(world.folder);
    await using other = await openWorld({
      DOCKER_HOST: `unix://${docker.path}`,
      FARHAND_ENGINE_AWAY_SECONDS: "2",
    });
    const { id } = await other.create({ prompt: "Do it. [scenario:sleep-forever]" });
    await other.until(id, (body) => body.type === "tool.started");
    docker.cut();
    const task = await other.ended(id);
    expect(task.failure?.code).toBe("sandbox_unavailable");
    expect(await other.bodies(id, "attempt.ended")).toMatchObject([{ sandboxRemoved: false }]);
    expect((await containersOf(id)).length).toBeGreaterThan(0);
    docker.mend();
    await other.restart();
    expect(await containersOf(id)).toEqual([]);
  });

  test("without the worker image says how to get it", async () => {
    await using other = await openWorld({ FARHAND_WORKER_IMAGE: "farhand/no-such-image:1" });
    expect((await other.play("say-hello")).failure?.code).toBe("image_missing");
  });

  test("whose container is removed from outside goes on in another one", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:slow]" });
    await world.until(id, (body) => body.type === "repository.cloned");
    const [container] = await containersOf(id);
    await engine("DELETE", `/containers/${container}?force=1`);
    const task = await world.ended(id);
    expect(task).toMatchObject({ state: "idle", attempt: 2, failure: null });
    const notices = await world.bodies(id, "notice");
    expect(notices.map(({ code }) => code)).toContain("worker_lost");
    await expectClean(task);
  });

  test("whose disk is nearly full lets a task wait and says why, until there is room", async () => {
    await using other = await openWorld({ FARHAND_DISK_FREE_MIB: "900000000" });
    const { id } = await other.create({ prompt: "Do it. [scenario:say-hello]" });
    await other.until(id, (body) => body.type === "task.delayed");
    expect(await other.client.getTask(id)).toMatchObject({
      state: "queued",
      delayedBy: { code: "disk_full" },
    });
    await other.restart({ FARHAND_DISK_FREE_MIB: "1" });
    expect(await other.ended(id)).toMatchObject({ state: "idle", delayedBy: null });
  });
});

describe.skipIf(noDocker)("the coordinator", () => {
  test("does not start on a port that is taken", async () => {
    const { port } = new URL(world.client.baseUrl);
    const second = await startCoordinator({
      ...world.settings,
      FARHAND_DATA: join(world.folder, "other"),
      FARHAND_PORT: port,
    });
    expect(second.announcement).toMatchObject({
      event: "failed",
      message: expect.stringContaining(port),
      action: expect.stringContaining("FARHAND_PORT"),
    });
    expect(await second.process.exited).toBe(1);
  });

  test("does not start on a data folder that another one uses", async () => {
    const second = await startCoordinator(world.settings);
    expect(second.announcement).toMatchObject({
      event: "failed",
      message: expect.stringMatching(/Another coordinator/),
    });
    expect(await second.process.exited).toBe(1);
  });

  test("does not start with a setting that makes no sense", async () => {
    const second = await startCoordinator({ ...world.settings, FARHAND_MAX_WORKERS: "many" });
    expect(second.announcement).toMatchObject({
      event: "failed",
      message: expect.stringContaining("FARHAND_MAX_WORKERS"),
    });
  });

  test("stopped by SIGTERM leaves no container and loses no event, and the next one goes on with the turn", async () => {
    await using other = await openWorld({ FARHAND_TOOL_TIMEOUT_SECONDS: "6" });
    const { id } = await other.create({ prompt: "Do it. [scenario:sleep-forever]" });
    const seen = await other.until(id, (body) => body.type === "tool.started");
    expect(await other.coordinator.stop()).toBe(0);
    expect(await containersOf(id)).toEqual([]);
    await other.restart();
    expect(await other.ended(id)).toMatchObject({ state: "idle", attempt: 2, failure: null });
    const events = await other.events(id);
    expect(events[seen.seq - 1]).toEqual(seen);
    const results = await other.bodies(id, "tool.finished");
    expect(String(results[0]?.content)).toContain("interrupted");
  });

  test("killed without warning comes back to a worker that has gone on, and no second one is started", async () => {
    await using other = await openWorld({ FARHAND_TOOL_TIMEOUT_SECONDS: "6" });
    const { id } = await other.create({ prompt: "Do it. [scenario:sleep-forever]" });
    const seen = await other.until(id, (body) => body.type === "tool.started");
    await other.coordinator.kill();
    const containers = await containersOf(id);
    expect(containers.length).toBeGreaterThan(0);
    await other.restart();
    expect(await containersOf(id)).toEqual(containers);
    expect(await other.ended(id)).toMatchObject({ state: "idle", attempt: 1, failure: null });
    expect((await other.events(id))[seen.seq - 1]).toEqual(seen);
    expect(await containersOf(id)).toEqual([]);
  });

  test("takes a prompt of 200 kB to the model whole", async () => {
    const prompt = `[scenario:say-hello] ${"word ".repeat(40_000)}`;
    const { id } = await world.create({ prompt });
    expect((await world.ended(id)).state).toBe("idle");
    expect(JSON.stringify(world.claude.requests.at(-1)?.body)).toContain(prompt.slice(-1000));
  });
});

async function writeHook(repository: string, name: string, command: string): Promise<void> {
  const path = join(repository, "hooks", name);
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, `#!/bin/sh\n${command}\n`);
  await chmod(path, 0o755);
}
