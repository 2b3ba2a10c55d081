import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { ContentBlock } from "@farhand/protocol";
import { containersOf, engine, noDocker } from "./support/docker.ts";
import { git } from "./support/git.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const bare = (it: World, taskId: string) =>
  join(it.settings.FARHAND_DATA ?? "", "repos/tasks", `${taskId}.git`);

/** Sends a message that opens the next turn, and waits for that turn's end. */
async function next(it: World, taskId: string, text: string) {
  const { lastSeq } = await it.client.getTask(taskId);
  const sent = await it.client.sendMessage(taskId, { text });
  return { sent, task: await it.ended(taskId, lastSeq) };
}

async function lastResult(it: World, taskId: string): Promise<string> {
  const results = await it.bodies(taskId, "tool.finished");
  const shown = results.filter(({ name }) => name === "bash").at(-1)?.content;
  return typeof shown === "string" ? shown : (shown ?? []).map((block: ContentBlock) => block.text).join("");
}

describe.skipIf(noDocker)("a follow-up message", () => {
  test("starts the next turn in a new sandbox with the files and the conversation of the last", async () => {
    const first = await world.play("write-file");
    const { sent, task } = await next(world, first.id, "And now? [scenario:show-status]");
    expect(sent).toMatchObject({ status: "started", turn: 2 });
    expect(task).toMatchObject({ state: "idle", turn: 2, attempt: 2, failure: null });
    expect(await lastResult(world, first.id)).toContain("noted");
    const asked = JSON.stringify(world.claude.requests.at(-1)?.body);
    expect(asked).toContain("scenario:write-file");
    expect(asked).toContain("scenario:show-status");
  });

  test("is taken up by the sandbox that is still warm, and costs no second one", async () => {
    await using warm = await openWorld({ FARHAND_WARM_SECONDS: "60" });
    const first = await warm.play("write-file");
    expect((await containersOf(first.id)).length).toBeGreaterThan(0);
    const { task } = await next(warm, first.id, "And now? [scenario:show-status]");
    expect(task).toMatchObject({ state: "idle", turn: 2, attempt: 1 });
    expect(await warm.bodies(first.id, "repository.cloned")).toHaveLength(1);
    expect(await lastResult(warm, first.id)).toContain("noted");
    await warm.client.archive(first.id);
    expect(await containersOf(first.id)).toEqual([]);
  });

  test("updates the same branch and the same pull request", async () => {
    const shop = await world.github.addRepository("octo", "follow-up", world.sample.path);
    const first = await world.play("write-file", { repository: shop.cloneUrl });
    const { task } = await next(world, first.id, "More. [scenario:write-file path=MORE.md text=more]");
    expect(task.pullRequestUrl).toBe(first.pullRequestUrl);
    expect(shop.pulls).toHaveLength(1);
    const files = await git(["-C", shop.path, "diff", "--name-only", "main", task.branch]);
    expect(files.split("\n")).toEqual(["MORE.md", "NOTES.md"]);
    expect(await world.bodies(first.id, "branch.published")).toHaveLength(2);
    expect(await git(["-C", shop.path, "rev-parse", task.branch])).toBe(task.commit ?? "");
  });
});

describe.skipIf(noDocker)("a stop", () => {
  test("ends the turn within 5 seconds and keeps files that were never committed", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:half-done]" });
    await world.until(id, (body) => body.type === "tool.started" && body.label.startsWith("sleep"));
    const askedMs = Date.now();
    await world.client.stop(id);
    const stopped = await world.ended(id);
    expect(Date.now() - askedMs).toBeLessThan(5000);
    expect(stopped).toMatchObject({ state: "idle", failure: null, pullRequestUrl: null });
    expect(await containersOf(id)).toEqual([]);
    const draft = await world.client.files(id, { path: "drafts/half-done.txt" });
    expect(draft).toMatchObject({ kind: "file", text: "half a thought\n" });
    const { files } = await world.client.diff(id, { from: "base", to: "turn-1" });
    expect(files.map(({ path, status }) => [path, status])).toEqual([
      ["README.md", "modified"],
      ["drafts/half-done.txt", "added"],
    ]);
    const { task } = await next(world, id, "Show me. [scenario:show-status]");
    expect(task.state).toBe("idle");
    const status = (await world.bodies(id, "tool.finished")).map(({ content }) => String(content)).join("\n");
    expect(status).toContain("?? drafts/");
    expect(status).toContain(" M README.md");
  });
});

describe.skipIf(noDocker)("queued messages", () => {
  test("are edited, reordered and withdrawn, and what is left is delivered in order", async () => {
    const { id } = await world.create({ prompt: "Do it. [scenario:take-a-breath]" });
    await world.until(id, (body) => body.type === "tool.started");
    const sent = [];
    for (const text of ["one", "two", "three"])
      sent.push((await world.client.sendMessage(id, { text })).messageId);
    const [one = "", two = "", three = ""] = sent;
    await world.client.editMessage(id, two, { text: "zwei" });
    await world.client.withdrawMessage(id, one);
    await world.client.reorderMessages(id, [three, two]);
    await world.ended(id);
    const delivered = await world.bodies(id, "user.message");
    expect(delivered.map(({ text }) => text)).toEqual(["three", "zwei"]);
    expect((await world.client.messages(id)).messages).toEqual([]);
  });
});

describe.skipIf(noDocker)("a roll-back", () => {
  test("takes files and conversation back, and the next turn leaves the branch without a forced push", async () => {
    const shop = await world.github.addRepository("octo", "back", world.sample.path);
    const first = await world.play("write-file", { repository: shop.cloneUrl });
    await next(world, first.id, "More. [scenario:write-file path=MORE.md text=more]");
    const back = await world.client.rollBack(first.id, 1);
    expect(back.state).toBe("idle");
    const { files } = await world.client.diff(first.id, {});
    expect(files.map(({ path }) => path)).toEqual(["NOTES.md"]);
    const { task } = await next(world, first.id, "Other. [scenario:write-file path=OTHER.md text=other]");
    expect(task).toMatchObject({ state: "idle", turn: 3, failure: null });
    expect(shop.pulls).toHaveLength(1);
    const changed = await git(["-C", shop.path, "diff", "--name-only", "main", task.branch]);
    expect(changed.split("\n")).toEqual(["NOTES.md", "OTHER.md"]);
    expect(JSON.stringify(world.claude.requests.at(-1)?.body)).not.toContain("MORE.md");
  });

  test("to the start brings the base's own files", async () => {
    const first = await world.play("write-file");
    await world.client.rollBack(first.id, 0);
    const { task } = await next(world, first.id, "What is there? [scenario:show-status]");
    expect(task).toMatchObject({ state: "idle", failure: null });
    expect(await lastResult(world, first.id)).not.toContain("noted");
  });
});

test.skipIf(noDocker)("a fork starts a task of its own from the end of a turn", async () => {
  const shop = await world.github.addRepository("octo", "fork", world.sample.path);
  const first = await world.play("write-file", { repository: shop.cloneUrl });
  await next(world, first.id, "More. [scenario:write-file path=MORE.md text=more]");
  const fork = await world.client.fork(first.id, {
    turn: 1,
    prompt: "Another way. [scenario:write-file path=FORK.md text=fork]",
  });
  expect(fork).toMatchObject({ forkedFrom: { taskId: first.id, turn: 1 }, turn: 1 });
  const task = await world.ended(fork.id);
  expect(task).toMatchObject({ state: "idle", failure: null });
  const changed = await git(["-C", shop.path, "diff", "--name-only", "main", task.branch]);
  expect(changed.split("\n")).toEqual(["FORK.md", "NOTES.md"]);
  expect(shop.pulls).toHaveLength(2);
  expect(JSON.stringify(world.claude.requests.at(-1)?.body)).toContain("scenario:write-file]");
});

describe.skipIf(noDocker)("a worker that is killed", () => {
  test("is replaced, repeats no finished step, and goes on with the files of the last checkpoint", async () => {
    await using other = await openWorld({ FARHAND_CHECKPOINT_SECONDS: "0.3" });
    const { id } = await other.create({ prompt: "Do it. [scenario:many-steps file=STEPS.md]" });
    let steps = 0;
    const fourth = await other.until(id, (body) => body.type === "tool.finished" && ++steps === 4);
    await other.until(id, (body) => body.type === "checkpoint.saved", fourth.seq);
    const [container] = await containersOf(id);
    await engine("POST", `/containers/${container}/kill`);
    const task = await other.ended(id);
    expect(task).toMatchObject({ state: "idle", attempt: 2, failure: null });
    const called = (await other.bodies(id, "assistant.message")).flatMap(({ content }) =>
      content.filter(({ type }) => type === "tool_use").map(({ id: call }) => String(call)),
    );
    const answered = (await other.bodies(id, "tool.finished")).map(({ toolUseId }) => toolUseId);
    expect(answered.toSorted()).toEqual(called.toSorted());
    const tree = await git(["-C", bare(other, id), "rev-parse", `${task.branch}^{tree}`]);
    expect(await git(["-C", bare(other, id), "rev-parse", "refs/farhand/turns/1^{tree}"])).toBe(tree);
  });
});

test.skipIf(noDocker)("a failed turn is run again from its start", async () => {
  world.claude.setOutage("overloaded");
  await using hasty = await openWorld({
    FARHAND_MODEL_RETRIES: "0",
    FARHAND_ANTHROPIC_URL: world.claude.url,
  });
  const failed = await hasty.play("write-file");
  expect(failed).toMatchObject({ state: "failed", failure: { code: "model_overloaded" } });
  world.claude.setOutage(null);
  await hasty.client.retry(failed.id);
  const task = await hasty.ended(failed.id, failed.lastSeq);
  expect(task).toMatchObject({ state: "idle", turn: 1, failure: null });
  expect(task.pullRequestUrl).toContain("/pull/");
});
