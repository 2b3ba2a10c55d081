import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Task } from "@farhand/protocol";
import { containersOf, engine, noDocker } from "./support/docker.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  // Silence of some seconds is normal here, and would end the turn if waiting counted as silence.
  if (!noDocker) world = await openWorld({ FARHAND_NO_PROGRESS_MINUTES: "0.1" });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const modelCalls = () => world.claude.requests.filter(({ path }) => path.startsWith("/v1/messages")).length;

/** A task whose agent has asked, and waits. */
async function askingTask(): Promise<{ task: Task; questionId: string }> {
  const { id } = await world.create({ prompt: "Greet. [scenario:ask-first]" });
  await world.until(id, (body) => body.type === "state.changed" && body.to === "waiting");
  const task = await world.client.getTask(id);
  return { task, questionId: task.question?.questionId ?? "" };
}

/** The agent got just that answer as the one result of its call, and came to its end. */
async function expectAnswered(id: string, answer: string): Promise<void> {
  expect(await world.ended(id)).toMatchObject({ state: "idle", failure: null, question: null });
  const results = (await world.bodies(id, "tool.finished")).filter(({ name }) => name === "ask_user");
  expect(results).toMatchObject([{ isError: false, content: answer }]);
  const asked = world.claude.requests.filter(({ body }) => JSON.stringify(body).includes(`"${answer}"`));
  expect(asked.length).toBeGreaterThan(0);
  expect((await world.client.getTask(id)).pullRequestUrl).toStartWith("http");
  expect(await containersOf(id)).toEqual([]);
}

describe.skipIf(noDocker)("a task whose agent asks", () => {
  test("waits without a model call, longer than an agent may be silent, and goes on with the answer", async () => {
    const { task, questionId } = await askingTask();
    expect(task).toMatchObject({
      state: "waiting",
      question: { question: "Which greeting should the file hold?", options: ["hello", "good morning"] },
    });
    const calls = modelCalls();
    await Bun.sleep(8000);
    expect([modelCalls(), (await world.client.getTask(task.id)).state]).toEqual([calls, "waiting"]);
    const answered = await world.client.answer(task.id, { questionId, answer: "a plain hello, please" });
    expect(answered).toMatchObject({ state: "running", question: null });
    expect(world.client.answer(task.id, { questionId, answer: "another" })).rejects.toMatchObject({
      status: 409,
      code: "conflict",
    });
    await expectAnswered(task.id, "a plain hello, please");
    expect((await world.bodies(task.id, "notice")).map(({ code }) => code)).not.toContain("no_progress");
  }, 60_000);

  test("can be stopped, which closes the question", async () => {
    const { task, questionId } = await askingTask();
    await world.client.stop(task.id);
    expect(await world.ended(task.id)).toMatchObject({ state: "idle", question: null });
    expect(await world.bodies(task.id, "question.closed")).toMatchObject([{ questionId }]);
    expect(world.client.answer(task.id, { questionId, answer: "late" })).rejects.toMatchObject({
      status: 409,
    });
  });

  test("keeps its question and its sandbox through a power cut of the coordinator", async () => {
    const { task, questionId } = await askingTask();
    await world.coordinator.kill();
    await world.restart();
    expect(await world.client.getTask(task.id)).toMatchObject({ state: "waiting", question: { questionId } });
    await world.client.sendMessage(task.id, { text: "And mind the spelling." });
    expect(await world.client.getTask(task.id)).toMatchObject({ question: { questionId } });
    await world.client.answer(task.id, { questionId, answer: "hello after the cut" });
    await expectAnswered(task.id, "hello after the cut");
    expect((await world.client.getTask(task.id)).attempt).toBe(1);
    expect((await world.bodies(task.id, "user.message")).map(({ text }) => text)).toEqual([
      "And mind the spelling.",
    ]);
  }, 60_000);

  test("keeps its question when its sandbox dies, and goes on in another once it is answered", async () => {
    const { task, questionId } = await askingTask();
    const [container] = await containersOf(task.id);
    await engine("POST", `/containers/${container}/kill`);
    await world.until(task.id, (body) => body.type === "task.delayed" && body.code === "answer_needed");
    expect(await world.client.getTask(task.id)).toMatchObject({ state: "queued", question: { questionId } });
    expect(await containersOf(task.id)).toEqual([]);
    await world.client.answer(task.id, { questionId, answer: "hello from afar" });
    await expectAnswered(task.id, "hello from afar");
    expect((await world.client.getTask(task.id)).attempt).toBe(2);
  }, 60_000);

  test("gives its place up to another, and goes on once it is answered", async () => {
    await world.restart({ FARHAND_MAX_WORKERS: "1" });
    const { task, questionId } = await askingTask();
    expect((await world.play("fix-failing-test")).state).toBe("idle");
    expect(await world.client.getTask(task.id)).toMatchObject({ state: "queued", question: { questionId } });
    await world.client.answer(task.id, { questionId, answer: "hello at last" });
    await expectAnswered(task.id, "hello at last");
  }, 60_000);
});
