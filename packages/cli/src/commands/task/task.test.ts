import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@farhand/client";
import { createColors } from "picocolors";
import { CANNED_DIFF, cannedRun, cannedSecondTurn, TASK_ID } from "../../../test/canned-run.ts";
import { FakeServer, FILE_BYTES, TASK, TOKEN } from "../../../test/fake-server.ts";
import { runFarhand, type Surroundings } from "../../../test/start-farhand.ts";
import { nodeLines } from "./files.ts";
import { taskTable } from "./list.ts";
import { findTask } from "./task-argument.ts";

const ENDING = TASK_ID.slice(-8);
const dataDirectory = await mkdtemp(join(tmpdir(), "farhand-cli-"));
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

let server: FakeServer;
beforeEach(() => {
  server = new FakeServer();
});
afterEach(() => server[Symbol.dispose]());

const farhand = (argv: string[], options: Pick<Surroundings, "env" | "stdin"> = {}) =>
  runFarhand(argv, { data: dataDirectory, url: server.url, token: TOKEN, cwd: process.cwd(), ...options });

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const seqsOf = (text: string) =>
  linesOf(text)
    .filter(({ type }) => type === "event")
    .map(({ event }) => event.seq);

const otherTask = (id: string, changed: Partial<typeof TASK> = {}) => ({ ...TASK, id, ...changed });

test("tasks lists what there is, with whole ids where no terminal reads them", async () => {
  server.others = [otherTask(`t_${"0".repeat(26)}`, { state: "failed", title: null, prompt: "Do\nit." })];
  const { stdout, exitCode } = await farhand(["tasks"]);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^ {2}task +state +turn +age +title +repository$/);
  expect(lines[1]).toContain(`${TASK_ID}  idle `);
  expect(lines[2]).toMatch(
    /^ {2}t_0{26} {2}failed +1 +\d+ d +Do ⏎ it\. +https:\/\/github.com\/acme\/cart.git$/,
  );
  expect(exitCode).toBe(0);
});

test("tasks can be chosen by state, and fetched beyond one page", async () => {
  server.others = Array.from({ length: 250 }, (_, n) => otherTask(`t_${String(n).padStart(26, "0")}`));
  const json = linesOf((await farhand(["tasks", "--limit", "230", "--json"])).stdout);
  expect(json).toHaveLength(1);
  expect(json[0].tasks).toHaveLength(230);
  expect(new Set(json[0].tasks.map(({ id }: { id: string }) => id)).size).toBe(230);
  expect((await farhand(["tasks", "--state", "running"])).stdout).toBe("  No task is running.\n");
  server.task = { ...TASK, state: "running" };
  expect((await farhand(["tasks", "--state", "running"])).stdout).toContain(TASK_ID);
});

test("a table fits the terminal, and a title cannot do it harm", () => {
  const evil = otherTask(TASK_ID, { title: `\u001b[2J${"long ".repeat(40)}` });
  const options = { colors: createColors(false), nowMs: Date.parse(TASK.createdAt) + 7_200_000 };
  const lines = taskTable([evil], { ...options, width: 80 });
  for (const line of lines) expect(line.length).toBeLessThan(80);
  expect(lines[1]).toStartWith(`  ${ENDING}  idle   1     2 h  <U+001B>[2Jlong long`);
  expect(lines.join("")).not.toContain("\u001b");
});

test("a task is named by its id or by an ending that only it has", async () => {
  const client = createClient({ baseUrl: server.url, token: TOKEN });
  const twin = otherTask(`t_${"9".repeat(18)}${ENDING}`);
  server.others = [
    ...Array.from({ length: 120 }, (_, n) => otherTask(`t_${String(n).padStart(26, "0")}`)),
    twin,
  ];
  expect((await findTask(client, TASK_ID)).id).toBe(TASK_ID);
  expect((await findTask(client, TASK_ID.slice(-12).toUpperCase())).id).toBe(TASK_ID);
  await expect(findTask(client, ENDING)).rejects.toThrow(
    `${ENDING} is the ending of several tasks:\n  ${TASK_ID}  Count the last item`,
  );
  await expect(findTask(client, "zzzzzz")).rejects.toThrow("No task's id ends in zzzzzz.");
  for (const wrong of ["2w3", "../../x", ""])
    await expect(findTask(client, wrong)).rejects.toThrow("names no task");
});

test("an ending of several tasks is wrong usage, one of none a failure", async () => {
  server.others = [otherTask(`t_${"9".repeat(18)}${ENDING}`)];
  const several = await farhand(["watch", ENDING]);
  expect(several.stdout).toContain(`t_${"9".repeat(18)}${ENDING}`);
  expect(several.exitCode).toBe(2);
  expect((await farhand(["watch", "zzzzzz"])).exitCode).toBe(1);
  expect((await farhand(["watch", `t_${"z".repeat(26)}`])).exitCode).toBe(1);
});

test("without a coordinator every command says so in a sentence", async () => {
  const env = { FARHAND_URL: "http://127.0.0.1:9" };
  for (const argv of [["tasks"], ["stop", TASK_ID], ["diff", TASK_ID]]) {
    const { stdout, exitCode } = await farhand(argv, { env });
    expect(stdout).toContain("No coordinator answers at http://127.0.0.1:9.");
    expect(stdout).toContain("`farhand up` starts one");
    expect(exitCode).toBe(3);
  }
});

test("watch shows the last turn and ends with it; from the start it shows all", async () => {
  const first = server.items.filter(({ type }) => type === "event").length;
  server.items = [...server.items, ...cannedSecondTurn()];
  server.task = { ...TASK, turn: 2 };
  const { stdout, exitCode } = await farhand(["watch", ENDING]);
  expect(stdout).toStartWith("\n  · turn 2\n");
  expect(stdout).toContain("  › Now the tax as well.\n");
  expect(stdout).toContain("✓ Add the tax");
  expect(stdout).not.toContain("bash");
  expect(exitCode).toBe(0);
  const all = await farhand(["watch", TASK_ID, "--from-start", "--json"]);
  expect(seqsOf(all.stdout)).toEqual(Array.from({ length: first + 9 }, (_, index) => index + 1));
  expect(linesOf(all.stdout).at(-1)).toMatchObject({ result: "idle", taskId: TASK_ID });
});

test("watch of a first turn begins with the task itself", async () => {
  expect((await farhand(["watch", TASK_ID])).stdout).toContain(
    "repository  https://github.com/acme/cart.git",
  );
});

test("a turn that a person stopped ends the watching with 130", async () => {
  const last = server.items.at(-1);
  if (last?.type !== "event") throw new Error("no event");
  const stopped = { ...last, event: { ...last.event, body: { type: "turn.stopped" as const } } };
  const rest = { ...last, event: { ...last.event, seq: last.event.seq + 1 } };
  server.items = [...server.items.slice(0, -1), stopped, rest];
  const { stdout, exitCode } = await farhand(["watch", TASK_ID, "--json"]);
  expect(linesOf(stdout).at(-1)).toMatchObject({ result: "stopped" });
  expect(exitCode).toBe(130);
});

test("send gives the text as it is, from the command line or standard input", async () => {
  const { stdout, exitCode } = await farhand(["send", ENDING, "Now the tax."]);
  expect(stdout).toBe("  ✓ Turn 2 has begun.\n");
  expect(exitCode).toBe(0);
  server.sentStatus = "queued";
  const queued = await farhand(["send", ENDING, "-", "--json"], { stdin: "Round it\nup." });
  expect(linesOf(queued.stdout)).toEqual([
    { result: "queued", taskId: TASK_ID, messageId: `m_${TASK_ID.slice(2)}`, turn: 2 },
  ]);
  expect(server.changes).toEqual([
    { route: "POST messages", body: { text: "Now the tax." } },
    { route: "POST messages", body: { text: "Round it\nup." } },
  ]);
  expect((await farhand(["send", ENDING, " "])).exitCode).toBe(2);
  expect(server.changes).toHaveLength(2);
});

test("send and fork upload what is attached, and name it", async () => {
  const path = join(dataDirectory, "notes.txt");
  await Bun.write(path, "as they are");
  for (const argv of [
    ["send", ENDING, "Read it."],
    ["fork", ENDING, "Read it."],
  ])
    expect(await farhand([...argv, "--attach", path])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(server.attached).toMatchObject([
    { name: "notes.txt", text: "as they are" },
    { name: "notes.txt", text: "as they are" },
  ]);
  const ids = server.attached.map(({ id }) => id);
  expect(server.changes).toEqual([
    { route: "POST messages", body: { text: "Read it.", attachments: [ids[0]] } },
    { route: "POST fork", body: { prompt: "Read it.", attachments: [ids[1]] } },
  ]);
  const gone = await farhand(["send", ENDING, "Read it.", "--attach", "gone.txt"]);
  expect(gone.stdout).toContain("There is no file gone.txt.");
  expect(gone.exitCode).toBe(2);
});

test("send --watch shows what follows from the message, and nothing before it", async () => {
  server.addedByChange = cannedSecondTurn();
  const { stdout, exitCode } = await farhand(["send", ENDING, "Now the tax as well.", "--watch"]);
  expect(stdout).toStartWith("\n  · turn 2\n");
  expect(stdout).toContain("✓ Add the tax");
  expect(exitCode).toBe(0);
});

test.each([
  { argv: ["stop", TASK_ID], route: "POST stop", body: null, said: "what it did until now is kept" },
  { argv: ["cancel", TASK_ID], route: "POST cancel", body: null, said: "is being cancelled" },
  { argv: ["retry", TASK_ID], route: "POST retry", body: null, said: "Turn 1 runs again." },
  { argv: ["archive", TASK_ID], route: "POST archive", body: null, said: "is archived" },
  { argv: ["rollback", TASK_ID, "1"], route: "POST rollback", body: { turn: 1 }, said: "the end of turn 1" },
  {
    argv: ["rollback", TASK_ID, "0"],
    route: "POST rollback",
    body: { turn: 0 },
    said: "the start of the task",
  },
  {
    argv: ["fork", TASK_ID, "Another way.", "--turn", "0", "--model", "claude-x"],
    route: "POST fork",
    body: { prompt: "Another way.", turn: 0, model: "claude-x" },
    said: `The fork is task ${TASK_ID}.`,
  },
])("$argv asks for just that", async ({ argv, route, body, said }) => {
  const { stdout, exitCode } = await farhand([...argv]);
  expect(server.changes).toEqual([{ route, body }]);
  expect(stdout).toContain(said);
  expect(exitCode).toBe(0);
  const json = await farhand([...argv, "--json"]);
  expect(linesOf(json.stdout)).toEqual([expect.objectContaining({ result: "idle", taskId: TASK_ID })]);
});

test("retry --watch and fork --watch follow the turn that they make", async () => {
  server.addedByChange = cannedSecondTurn().map((item) =>
    item.type === "event" && item.event.body.type === "turn.started"
      ? { ...item, event: { ...item.event, body: { ...item.event.body, turn: 1, isRetry: true } } }
      : item,
  );
  const { stdout } = await farhand(["retry", TASK_ID, "--watch"]);
  expect(stdout).toStartWith("\n  · turn 1, again from its start\n");
  server.items = cannedRun();
  server.addedByChange = [];
  const forked = await farhand(["fork", TASK_ID, "Again.", "--watch"]);
  expect(forked.stdout).toContain("pull request  https://github.com/acme/cart/pull/7");
});

test("diff gives a pipe the unified diff as it is, and asks for the range that is named", async () => {
  const { stdout, exitCode } = await farhand(["diff", ENDING, "--from", "turn-1", "--to", "latest"]);
  expect(stdout).toBe(CANNED_DIFF);
  expect(exitCode).toBe(0);
  expect(server.reads.at(-1)).toBe(`/api/tasks/${TASK_ID}/diff?from=turn-1&to=latest`);
  expect(linesOf((await farhand(["diff", ENDING, "--json"])).stdout)[0]).toMatchObject({ filesChanged: 2 });
  const wrong = await farhand(["diff", ENDING, "--from", "yesterday"]);
  expect(wrong.stdout).toContain("name base, latest, branch, turn-1");
  expect(wrong.exitCode).toBe(2);
});

test("files lists a folder without what its names could do to a terminal, and gives a pipe a file's bytes", async () => {
  const { stdout } = await farhand(["files", ENDING]);
  expect(stdout).toBe("             src/\n    2.0 KiB  run<U+001B>[2J.sh*\n");
  const file = await farhand(["files", ENDING, "./src/cart.js", "--at", "turn-1"]);
  expect(file.stdout).toBe(FILE_BYTES);
  expect(server.reads).toContainEqual(
    expect.stringMatching(/\/files\?(path=src%2Fcart.js&at=turn-1|at=turn-1&path=src%2Fcart.js)$/),
  );
  expect(linesOf((await farhand(["files", ENDING, "--json"])).stdout)[0]).toMatchObject({ kind: "folder" });
});

test("files --grep shows the lines that have a text in them, and can do a terminal no harm", async () => {
  const { stdout } = await farhand(["files", ENDING, "--grep", "-sum", "--at", "base"]);
  expect(stdout.trimEnd().split("\n")).toEqual([
    "src/cart<U+001B>[2J.js:2:     let sum = sum0;<U+001B>[2J",
    "src/cart<U+001B>[2J.js:9: …xx sum yy…",
    "src/cart<U+001B>[2J.js: … and more",
    "… not everything was looked through",
  ]);
  expect(server.reads).toContainEqual(expect.stringMatching(/\/files\/search\?q=-sum&at=base$/));
  const none = await farhand(["files", ENDING, "--grep", "absent"]);
  expect(none.stdout).toBe("  The text stands in no file.\n");
  const json = await farhand(["files", ENDING, "--grep", "sum", "--json"]);
  expect(linesOf(json.stdout)[0]).toMatchObject({ truncated: true });
  expect((await farhand(["files", ENDING, "src", "--grep", "sum"])).exitCode).toBe(2);
  expect((await farhand(["files", ENDING, "--grep", ""])).exitCode).toBe(2);
});

test("a terminal is shown a file as harmless text, and what is no text by name", () => {
  const colors = createColors(false);
  const place = { commit: "2".repeat(40), path: "x" };
  const file = { ...place, kind: "file", isExecutable: false, sizeBytes: 2048, truncated: false } as const;
  expect(nodeLines({ ...file, isBinary: false, text: FILE_BYTES }, colors)).toEqual([
    "let sum = 0;<U+001B>[2J",
  ]);
  expect(nodeLines({ ...file, isBinary: true, text: null }, colors)).toEqual([
    "  This file is binary (2.0 KiB).",
  ]);
  expect(nodeLines({ ...place, kind: "symlink", target: "/etc/passwd" }, colors)).toEqual([
    "  x → /etc/passwd",
  ]);
});

test("colours are left out for NO_COLOR and given for FORCE_COLOR", async () => {
  expect((await farhand(["tasks"], { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[32midle");
  expect((await farhand(["tasks"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain(
    "\u001b",
  );
});

test("answer gives the agent what it has asked for, and a number stands for what was offered", async () => {
  const nothing = await farhand(["answer", TASK_ID, "yes"]);
  expect([nothing.exitCode, nothing.stdout]).toEqual([
    2,
    expect.stringContaining("The agent has asked nothing."),
  ]);
  server.task = { ...TASK, question: { questionId: "q_1", question: "Which?", options: ["one", "two"] } };
  expect((await farhand(["answer", TASK_ID, "2"])).stdout).toContain("Answered. The agent goes on.");
  expect((await farhand(["answer", TASK_ID, "-"], { stdin: "in my own words" })).exitCode).toBe(0);
  expect(server.changes).toEqual([
    { route: "POST answer", body: { questionId: "q_1", answer: "two" } },
    { route: "POST answer", body: { questionId: "q_1", answer: "in my own words" } },
  ]);
  const unasked = await farhand(["answer", TASK_ID]);
  expect(unasked.exitCode).toBe(2);
  expect(unasked.stdout).toContain("1. one");
  expect((await farhand(["tasks"])).stdout).toContain("idle, question");
});
