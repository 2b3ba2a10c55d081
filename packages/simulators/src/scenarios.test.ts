import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { betaAgentToolset20260401 } from "@anthropic-ai/sdk/tools/agent-toolset/node";
import { composeAnswer } from "./claude/answer.ts";
import { eventsOf } from "./claude/events.ts";
import { findModel } from "./claude/models.ts";
import { PromptCache } from "./claude/prompt-cache.ts";
import { Scenario } from "./claude/scenario.ts";
import { builtInScenarios } from "./claude/scenario-files.ts";
import { type ClaudeSimulator, startClaudeSimulator } from "./claude/server.ts";
import { validateMessages } from "./claude/validate.ts";
import { makeLargeRepository, makeSampleRepository } from "./sample-repository.ts";

const identity = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Agent",
  GIT_AUTHOR_EMAIL: "agent@example.org",
  GIT_COMMITTER_NAME: "Agent",
  GIT_COMMITTER_EMAIL: "agent@example.org",
};
let folder = "";
let simulator: ClaudeSimulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scenarios-"));
  simulator = await startClaudeSimulator({ apiKeys: ["key"], delayFactor: 0 });
});
afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function run(cwd: string, ...command: string[]): { code: number; output: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd, env: identity });
  return { code: exitCode, output: `${stdout}${stderr}`.trim() };
}

/** Plays a scenario with the official SDK's own loop and tools; gives what `finish` was called with. */
async function play(scenario: string, workdir: string): Promise<{ finished: unknown; failures: string[] }> {
  let finished: unknown = null;
  const failures: string[] = [];
  const finish = betaTool({
    name: "finish",
    description: "Ends the task.",
    inputSchema: {
      type: "object",
      properties: { title: { type: "string" }, summary: { type: "string" } },
      required: ["title", "summary"],
    },
    run: (input) => {
      finished = input;
      return "The task is finished.";
    },
  });
  const client = new Anthropic({ apiKey: "key", baseURL: simulator.url, maxRetries: 0 });
  const tools = betaAgentToolset20260401({ workdir, env: identity });
  const runner = client.beta.messages.toolRunner({
    model: "claude-sonnet-5-5",
    max_tokens: 8192,
    stream: true,
    thread: false,
    cache_control: { type: "ephemeral" },
    thinking: { type: "adaptive", display: "summarized" },
    system: "You are an agent that works on a repository.",
    tools: [...tools, finish],
    messages: [{ role: "user", content: `Please mend the project. [scenario:${scenario}]` }],
  });
  for await (const stream of runner) {
    await stream.finalMessage();
    const response = await runner.generateToolResponse();
    for (const block of typeof response?.content === "object" ? response.content : []) {
      if (block.type === "tool_result" && block.is_error) failures.push(JSON.stringify(block.content));
    }
  }
  for (const tool of tools) await tool.close?.();
  return { finished, failures };
}

describe("scenario files", () => {
  test("all parse and carry their file's name", async () => {
    const names = [...(await builtInScenarios()).keys()];
    expect(names).toContain("fix-failing-test");
    expect(names).toHaveLength((await readdir(join(import.meta.dir, "..", "scenarios"))).length);
  });

  test("refuse unknown keys at every level", async () => {
    const scenario = { name: "x", description: "x", turns: [{ text: "Hi" }] };
    expect(Scenario.safeParse(scenario).success).toBe(true);
    for (const wrong of [
      { ...scenario, speed: 1 },
      { ...scenario, turns: [{ text: "Hi", tool: 1 }] },
      { ...scenario, turns: [{ toolUses: [{ name: "bash", input: {}, id: 1 }] }] },
      { ...scenario, turns: [{ faults: [{ error: "api_error", status: 500 }] }] },
      { ...scenario, turns: [] },
    ]) {
      expect(Scenario.safeParse(wrong).success).toBe(false);
    }
  });
});

describe("the demo's scenario", () => {
  test("mends the sample repository, which fails its tests before and passes them after", async () => {
    const bare = join(folder, "sample.git");
    const work = join(folder, "sample");
    await makeSampleRepository(bare);
    run(folder, "git", "clone", "--quiet", bare, work);
    const before = run(work, "node", "--test");
    expect(before.code).not.toBe(0);
    expect(before.output).toContain("ten pieces get the bulk discount");
    const { finished, failures } = await play("fix-failing-test", work);
    expect(finished).toMatchObject({ title: "Grant the bulk discount from ten pieces on" });
    expect(failures).toEqual([]);
    expect(run(work, "node", "--test").code).toBe(0);
    expect(run(work, "git", "status", "--porcelain").output).toBe("");
    expect(run(work, "git", "diff", "--stat", "origin/main").output).toContain("src/discount.js | 2 +-");
    const calls = simulator.requests.filter((request) => request.scenario === "fix-failing-test");
    expect(calls.map((call) => call.turn)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(calls.every((call) => call.status === 200)).toBe(true);
  }, 30_000);

  test("speaks for four to six seconds at its natural speed", async () => {
    const scenario = (await builtInScenarios()).get("fix-failing-test");
    if (scenario === undefined) throw new Error("there is no such scenario");
    const model = findModel("claude-sonnet-5-5");
    if (model === undefined) throw new Error("there is no such model");
    const tools = ["bash", "read", "edit", "finish"].map((name) => ({
      name,
      input_schema: { type: "object" as const },
    }));
    const { request } = validateMessages({
      model: model.id,
      max_tokens: 8192,
      thinking: { type: "adaptive", display: "summarized" },
      tools,
      messages: [{ role: "user", content: "Go" }],
    });
    const usage = new PromptCache(() => 0).use(request, model);
    const pieces = scenario.turns
      .flatMap((turn) => eventsOf(composeAnswer(turn, request, model, usage)))
      .filter((event) => event.type === "content_block_delta").length;
    const expectedMs = scenario.turns.length * scenario.firstByteDelayMs + pieces * scenario.chunkDelayMs;
    expect(expectedMs).toBeGreaterThan(4_000);
    expect(expectedMs).toBeLessThan(6_000);
  });
});

describe("the scenario of three edits", () => {
  test("raises three versions in a repository of a thousand commits and files", async () => {
    const bare = join(folder, "large.git");
    const work = join(folder, "large");
    await makeLargeRepository(bare, { commits: 1_000, files: 1_000 });
    expect(run(bare, "git", "rev-list", "--count", "main").output).toBe("1000");
    run(folder, "git", "clone", "--quiet", bare, work);
    const { finished, failures } = await play("three-edits", work);
    expect(finished).toMatchObject({ title: "Raise the version of the first three modules" });
    expect(failures).toEqual([]);
    expect(run(work, "git", "diff", "--name-only").output.split("\n")).toEqual([
      "src/module-001/file-001.js",
      "src/module-002/file-002.js",
      "src/module-003/file-003.js",
    ]);
    expect(await readFile(join(work, "src/module-002/file-002.js"), "utf8")).toContain(
      "export const version = 2;",
    );
  }, 30_000);
});

describe("the scenarios of a task's turns", () => {
  async function sampleClone(name: string): Promise<string> {
    const bare = join(folder, `${name}.git`);
    await makeSampleRepository(bare);
    run(folder, "git", "clone", "--quiet", bare, join(folder, name));
    return join(folder, name);
  }

  test("write the file that they are told, in a folder that is not there yet", async () => {
    const work = await sampleClone("write-file");
    const { finished, failures } = await play("write-file path=docs/plan.md text=first", work);
    expect(failures).toEqual([]);
    expect(finished).toMatchObject({ title: "Write docs/plan.md" });
    expect(await readFile(join(work, "docs/plan.md"), "utf8")).toBe("first\n");
    expect(run(work, "git", "status", "--porcelain").output).toBe("?? docs/");
  });

  test("show the state of the work tree and leave it as it is", async () => {
    const work = await sampleClone("show-status");
    expect(await play("show-status", work)).toMatchObject({ failures: [] });
    expect(run(work, "git", "status", "--porcelain").output).toBe("");
  });

  test("take a file through ten steps with two commits in between", async () => {
    const work = await sampleClone("many-steps");
    const { finished, failures } = await play("many-steps file=LOG.md", work);
    expect(failures).toEqual([]);
    expect(finished).toMatchObject({ title: "Take LOG.md through its steps" });
    const lines = Array.from({ length: 10 }, (_, index) => `step ${index + 1}\n`);
    expect(await readFile(join(work, "LOG.md"), "utf8")).toBe(lines.join(""));
    expect(run(work, "git", "rev-list", "--count", "origin/main..HEAD").output).toBe("2");
    expect(run(work, "git", "status", "--porcelain").output).toBe("M LOG.md");
  }, 30_000);

  test("leave work half done before a wait of half a minute", async () => {
    const scenario = (await builtInScenarios()).get("half-done");
    const commands = scenario?.turns.flatMap(({ toolUses }) =>
      (toolUses ?? []).map((use) => ("input" in use ? String(use.input.command) : "")),
    );
    const work = await sampleClone("half-done");
    expect(run(work, "bash", "-c", commands?.[0] ?? "").output).toBe("M README.md\n?? drafts/");
    expect(commands?.[1]).toBe("sleep 30");
  });
});

test("the sample repository is the same wherever it is made", async () => {
  const ids = await Promise.all(
    ["one.git", "two.git"].map(async (name) => {
      await makeSampleRepository(join(folder, name));
      return run(join(folder, name), "git", "rev-parse", "main").output;
    }),
  );
  expect(ids[0]).toMatch(/^[0-9a-f]{40}$/);
  expect(ids[1]).toBe(ids[0] ?? "");
});
