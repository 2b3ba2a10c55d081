import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { makeLargeRepository } from "@farhand/simulators/sample-repository";
import { containersOf, noDocker } from "./support/docker.ts";
import { git } from "./support/git.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

describe.skipIf(noDocker)("the main job", () => {
  test("turns a prompt into a branch whose test passes, and a pull request", async () => {
    const task = await world.play("fix-failing-test");
    expect(task).toMatchObject({
      state: "idle",
      failure: null,
      forge: "github",
      baseBranch: "main",
      attempt: 1,
    });
    expect(task.branch).toMatch(/^farhand\/do-it-/);

    const [pull] = world.sample.pulls;
    expect(pull).toMatchObject({ head: task.branch, base: "main", title: task.title ?? "" });
    expect(task.pullRequestUrl).toBe(`${world.sample.htmlUrl}/pull/${pull?.number}`);
    expect(pull?.body).toContain(task.summary ?? "no summary");

    const clone = join(world.folder, "check");
    await git(["clone", "-q", "--branch", task.branch, world.sample.path, clone]);
    expect(await testsPass(clone)).toBe(true);
    await git(["-C", clone, "checkout", "-q", "origin/main"]);
    expect(await testsPass(clone)).toBe(false);
    expect(await git(["-C", clone, "rev-parse", `origin/${task.branch}`])).toBe(task.commit ?? "");
    const files = await git(["-C", clone, "diff", "--name-only", "origin/main", `origin/${task.branch}`]);
    expect(files.split("\n")).toHaveLength(task.filesChanged ?? 0);
  });

  test("leaves neither container nor volume, and the log says so", async () => {
    const task = await world.play("say-hello");
    expect(await containersOf(task.id)).toEqual([]);
    expect(await world.bodies(task.id, "attempt.ended")).toEqual([
      { type: "attempt.ended", attempt: 1, exitCode: 143, sandboxRemoved: true },
    ]);
  });

  test("opens no pull request when nothing was changed", async () => {
    const before = world.sample.pulls.length;
    const task = await world.play("say-hello");
    expect(task).toMatchObject({ state: "idle", commit: null, pullRequestUrl: null });
    expect(world.sample.pulls.length).toBe(before);
  });

  test("has a log without gaps in which every tool call has one result, in the order of the conversation", async () => {
    const task = await world.play("fix-failing-test");
    const events = await world.events(task.id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const called = (await world.bodies(task.id, "assistant.message")).flatMap(({ content }) =>
      content.filter((block) => block.type === "tool_use").map((block) => String(block.id)),
    );
    const answered = (await world.bodies(task.id, "tool.finished")).map(({ toolUseId }) => toolUseId);
    expect(called.length).toBeGreaterThan(5);
    expect(answered.sort()).toEqual(called.sort());
    expect(events.at(-1)?.body).toMatchObject({ type: "state.changed", to: "idle" });
    const path = (await world.bodies(task.id, "state.changed")).map(({ to }) => to);
    expect(path).toEqual(["starting", "running", "idle"]);
  });

  test("counts the tokens that the model's own answers name, and reads from the prompt cache", async () => {
    const task = await world.play("fix-failing-test");
    expect(task.usage.outputTokens).toBeGreaterThan(100);
    expect(task.usage.cacheReadInputTokens).toBeGreaterThan(1000);
    const calls = await world.bodies(task.id, "model.used");
    const answers = await world.bodies(task.id, "assistant.message");
    expect(calls).toHaveLength(answers.length);
  });

  test("streams the answer in pieces while it is spoken", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:speak-slowly]" });
    const pieces: string[] = [];
    let whole = "";
    for await (const item of world.client.follow(id, { after: 0 })) {
      if (item.type === "delta" && whole === "") pieces.push(item.delta.text);
      if (item.type !== "event") continue;
      const { body } = item.event;
      if (body.type === "assistant.message")
        whole = body.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      if (body.type === "state.changed" && body.to === "idle") break;
    }
    expect(pieces.length).toBeGreaterThan(3);
    // What was not yet sent when the answer was complete comes with the whole of it.
    expect(whole.startsWith(pieces.join(""))).toBe(true);
  });

  test("tells who comes in the middle of an answer all of it so far", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:speak-slowly]" });
    const heard: string[] = [];
    for await (const item of world.client.follow(id)) {
      if (item.type === "delta") heard.push(item.delta.text);
      if (heard.length === 3) break;
    }
    const before = heard.join("");
    const { lastSeq } = await world.client.getTask(id);
    let told = "";
    for await (const item of world.client.follow(id, { after: lastSeq })) {
      if (item.type !== "delta") continue;
      if (told === "") expect(item).toMatchObject({ isWhole: true, delta: { index: 0 } });
      told = item.isWhole ? item.delta.text : told + item.delta.text;
      if (told.length > before.length) break;
    }
    expect(told).toStartWith(before);
    await world.ended(id);
    const [answer] = await world.bodies(id, "assistant.message");
    expect(answer?.content[0]?.text).toStartWith(told);
  });

  test("works on a repository of 1,200 commits and 1,100 files behind git http-backend", async () => {
    const bare = join(world.folder, "large.git");
    await makeLargeRepository(bare, { commits: 1200, files: 1100 });
    const large = await world.github.addRepository("octo", "large", bare);
    const task = await world.play("three-edits", { repository: large.cloneUrl });
    expect(task).toMatchObject({ state: "idle", filesChanged: 3 });
    const diff = await world.client.diff(task.id);
    expect(diff).toMatchObject({ filesChanged: 3, insertions: 3, deletions: 3, truncated: false });
    expect(diff.text.match(/^\+export const version = 2;$/gm)).toHaveLength(3);
    expect(await git(["-C", large.path, "rev-parse", `refs/heads/${task.branch}`])).toBe(task.commit ?? "");
  });

  test("works on a plain repository given by its path, and leaves the branch there", async () => {
    const bare = join(world.folder, "plain.git");
    await git(["clone", "-q", "--bare", world.sample.path, bare]);
    const task = await world.play("fix-failing-test", { repository: bare });
    expect(task).toMatchObject({ state: "idle", forge: "plain", pullRequestUrl: null });
    expect(await git(["-C", bare, "rev-parse", `refs/heads/${task.branch}`])).toBe(task.commit ?? "");
  });

  test("starts from the branch that was asked for", async () => {
    const bare = join(world.folder, "branches.git");
    await git(["clone", "-q", "--bare", world.sample.path, bare]);
    await git(["-C", bare, "branch", "release/1.x", "main~1"]);
    const task = await world.play("say-hello", { repository: bare, baseBranch: "release/1.x" });
    const [ready] = await world.bodies(task.id, "repository.ready");
    expect(ready).toMatchObject({
      baseBranch: "release/1.x",
      commit: await git(["-C", bare, "rev-parse", "main~1"]),
    });
  });
});

describe.skipIf(noDocker)("a person at the wheel", () => {
  test("steers a running task: the message reaches the model before its next call", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:take-a-breath]" });
    await world.until(id, (body) => body.type === "tool.started");
    const { messageId } = await world.client.sendMessage(id, { text: "Mind the spelling." });
    await world.until(id, (body) => body.type === "user.message" && body.messageId === messageId);
    await world.ended(id);
    const said = JSON.stringify(world.claude.requests.at(-1)?.body);
    expect(said).toContain("Mind the spelling.");
  });

  test("cancels a running task within seconds and nothing is left of it", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:sleep-forever]" });
    await world.until(id, (body) => body.type === "tool.started");
    await world.client.cancelTask(id);
    expect((await world.ended(id)).state).toBe("cancelled");
    expect(await containersOf(id)).toEqual([]);
  });
});

async function testsPass(folder: string): Promise<boolean> {
  const run = Bun.spawn(["node", "--test"], { cwd: folder, stdout: "ignore", stderr: "ignore" });
  return (await run.exited) === 0;
}
