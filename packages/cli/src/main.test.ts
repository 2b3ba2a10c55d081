import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TASK_ID } from "../test/canned-run.ts";
import { FakeServer, TOKEN } from "../test/fake-server.ts";
import { runFarhand, type Surroundings, startFarhand } from "../test/start-farhand.ts";

const dataDirectory = await mkdtemp(join(tmpdir(), "farhand-cli-"));
const server = new FakeServer();
afterAll(async () => {
  server[Symbol.dispose]();
  await rm(dataDirectory, { recursive: true, force: true });
});

type Options = Pick<Surroundings, "env" | "stdin">;
const around = (options: Options): Surroundings => ({
  data: dataDirectory,
  url: server.url,
  token: TOKEN,
  cwd: process.cwd(),
  ...options,
});
const start = (argv: string[], options: Options = {}) => startFarhand(argv, around(options));
const farhand = (argv: string[], options: Options = {}) => runFarhand(argv, around(options));

const lastLine = (text: string) => JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");

test("--help names the commands, and each has help of its own", async () => {
  const { stdout, exitCode } = await farhand(["--help"]);
  const commands = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(
    ([, name]) => name,
  );
  const ofTasks = [
    "tasks",
    "watch",
    "send",
    "answer",
    "stop",
    "cancel",
    "retry",
    "approve",
    "archive",
    "rollback",
    "fork",
    "diff",
    "files",
  ];
  const ofMoney = ["keys", "secrets", "rotate-master-key", "costs", "budget"];
  const ofPeople = ["login", "logout", "sessions", "link", "invite", "members", "devices"];
  const groups = [...ofTasks, ...ofMoney, ...ofPeople];
  const others = commands.filter((name) => !groups.includes(name ?? ""));
  expect(commands).toEqual(expect.arrayContaining(groups));
  expect(others).toEqual([
    "up",
    "demo",
    "run",
    "allow",
    "network",
    "app",
    "audit",
    "backup",
    "restore",
    "test",
    "doctor",
  ]);
  expect(exitCode).toBe(0);
  expect((await farhand(["fork", "--help"])).stdout).toContain(
    "Usage: farhand fork [options] <task> <prompt>",
  );
});

test("--version prints the version alone", async () => {
  expect((await farhand(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  { argv: ["run", "--nope"] },
  { argv: ["dance"] },
  { argv: ["run", "only-a-repository"] },
  { argv: ["test", "everything"] },
  { argv: ["test", "faults", "--rounds", "0"] },
  { argv: ["tasks", "--state", "sleepy"] },
  { argv: ["tasks", "--limit", "none"] },
  { argv: ["rollback", TASK_ID, "-1"] },
  { argv: ["backup"] },
  { argv: [] },
])("a command line that cannot be meant is told so and ends with 2: $argv", async ({ argv }) => {
  const { stdout, stderr, exitCode } = await farhand([...argv]);
  expect(stderr).toContain("Usage: farhand");
  expect(stdout).toBe("");
  expect(exitCode).toBe(2);
});

test("run shows a task from its prompt to its pull request, without colours where there is no terminal", async () => {
  const { stdout, exitCode } = await farhand([
    "run",
    ".",
    "Mend it.",
    "--model",
    "claude-x",
    "--base",
    "dev",
  ]);
  expect(server.created.at(-1)).toEqual({
    repository: process.cwd(),
    prompt: "Mend it.",
    model: "claude-x",
    baseBranch: "dev",
  });
  expect(stdout).toContain("  ● bash  node --test\n");
  expect(stdout).toContain("  +  for (let i = 0; i < items.length; i++) {\n");
  expect(stdout).toContain("  │ pull request  https://github.com/acme/cart/pull/7\n");
  expect(stdout).not.toContain("\u001b");
  expect(exitCode).toBe(0);
});

test("run --json prints a line for each event and piece, then the result", async () => {
  const { stdout, exitCode } = await farhand(["run", "https://example.com/a.git", "-", "--json"], {
    stdin: "Mend it.",
  });
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const seqs = lines.filter(({ type }) => type === "event").map(({ event }) => event.seq);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  expect(lines.some(({ type }) => type === "delta")).toBe(true);
  expect(lines.at(-1)).toEqual({
    result: "idle",
    taskId: TASK_ID,
    branch: "farhand/mend-the-cart-total",
    pullRequestUrl: "https://github.com/acme/cart/pull/7",
    filesChanged: 2,
    failure: null,
  });
  expect(server.created.at(-1)).toMatchObject({ prompt: "Mend it." });
  expect(exitCode).toBe(0);
});

test("an interrupted run where nobody can be asked leaves the task alone and says how to come back", async () => {
  using unfinished = new FakeServer();
  unfinished.items = unfinished.items.slice(0, 12);
  const child = start(["run", "https://example.com/a.git", "Mend it."], {
    env: { FARHAND_URL: unfinished.url },
  });
  let stdout = "";
  const decoder = new TextDecoder();
  let interrupted = false;
  for await (const chunk of child.stdout) {
    stdout += decoder.decode(chunk, { stream: true });
    // Once: a second one means something else.
    if (!interrupted && stdout.includes("starting → running")) {
      interrupted = true;
      child.kill("SIGINT");
    }
  }
  expect(await child.exited).toBe(130);
  expect(unfinished.changes).toEqual([]);
  expect(stdout).toContain(`farhand stop ${TASK_ID}\n`);
  expect(stdout).not.toContain(TOKEN);
});

test("an empty prompt is refused before any server is asked or started", async () => {
  const before = server.created.length;
  const { stdout, exitCode } = await farhand(["run", ".", " ", "--json"]);
  expect(lastLine(stdout)).toMatchObject({ result: "error", code: "invalid_request" });
  expect(server.created.length).toBe(before);
  expect(exitCode).toBe(2);
});

test("a server that cannot be reached, or takes another token, ends with 3 and a sentence", async () => {
  const away = await farhand(["run", ".", "hi"], { env: { FARHAND_URL: "http://127.0.0.1:9" } });
  expect(away.stdout).toContain("No coordinator answers at http://127.0.0.1:9.");
  expect(away.exitCode).toBe(3);
  const refused = await farhand(["run", ".", "hi", "--json"], { env: { FARHAND_TOKEN: "wrong" } });
  expect(lastLine(refused.stdout)).toMatchObject({ code: "unauthorized", action: "Use the owner's token." });
  expect(refused.exitCode).toBe(3);
});

test("a failed task ends with 1 and tells programs why", async () => {
  using failing = new FakeServer();
  const failure = {
    code: "model_key_refused" as const,
    message: "Refused.",
    action: "Set another.",
    retryable: false,
  };
  failing.task = { ...failing.task, state: "failed", failure, commit: null };
  failing.items = failing.items.map((item) =>
    item.type === "event" && item.event.body.type === "state.changed" && item.event.body.to === "idle"
      ? { ...item, event: { ...item.event, body: { ...item.event.body, to: "failed", failure } } }
      : item,
  );
  const env = { FARHAND_URL: failing.url };
  const { stdout, exitCode } = await farhand(["run", ".", "hi", "--json"], { env });
  expect(lastLine(stdout)).toMatchObject({ result: "failed", branch: null, failure });
  expect(exitCode).toBe(1);
});

test("the faults' own options are refused for other suites", async () => {
  const { stdout, exitCode } = await farhand(["test", "unit", "--seed", "3"]);
  expect(stdout).toContain("--seed and --rounds are for the suite `faults` alone.");
  expect(exitCode).toBe(2);
});

test("up says where the server is when one runs already", async () => {
  const { stdout, exitCode } = await farhand(["up", "--json"]);
  expect(lastLine(stdout)).toMatchObject({ event: "already-running", url: server.url });
  expect(exitCode).toBe(0);
});
