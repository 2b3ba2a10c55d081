import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import { OUTPUT_MAX_BYTES, type WorkerEvent } from "@farhand/protocol";
import { pidIn, untilDead } from "../test/processes.ts";
import { Toolbox } from "./tools.ts";

let folder: string;
let events: WorkerEvent[];
/** Outputs that were kept, by the ids of their calls. */
let outputs: Map<string, string>;
let hasRoom: boolean;
let toolbox: Toolbox;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tools-"));
  events = [];
  outputs = new Map();
  hasRoom = true;
  open({});
});
afterEach(async () => {
  toolbox[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

function open(limits: { toolTimeoutMs?: number; toolOutputBytes?: number }): void {
  toolbox = new Toolbox({
    directory: folder,
    readableDirectory: `${folder}-attachments`,
    shellEnvironment: { PATH: process.env.PATH ?? "", HOME: folder, CANARY: "known" },
    ownTools: [],
    report: (event) => events.push(event),
    keepOutput: async (toolUseId, text) => {
      if (hasRoom) outputs.set(toolUseId, text);
      return hasRoom;
    },
    toolTimeoutMs: 20_000,
    toolOutputBytes: 20_000,
    ...limits,
  });
}

let calls = 0;

/** Calls a tool as the SDK's runner does. */
async function call(name: string, input: Record<string, unknown>, signal = new AbortController().signal) {
  const tool = toolbox.tools.find((candidate) => "name" in candidate && candidate.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  calls += 1;
  const toolUse = { type: "tool_use" as const, id: `use${calls}`, name, input };
  try {
    const content = await tool.run(tool.parse(input), { toolUse, toolUseBlock: toolUse, signal });
    return { content: String(content), isError: false };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { content: String(error.content), isError: true };
  }
}

test("a call is reported before it runs and after it, with exactly what the model gets", async () => {
  const result = await call("bash", { command: "echo hello; pwd" });
  expect(result).toEqual({ content: `hello\n${folder}`, isError: false });
  expect(events).toMatchObject([
    { type: "tool.started", name: "bash", label: "echo hello; pwd" },
    { type: "tool.finished", name: "bash", isError: false, content: result.content },
  ]);
});

test("the six tools of the SDK work here", async () => {
  expect((await call("write", { file_path: "a/b.txt", content: "one\ntwo\n" })).isError).toBe(false);
  await call("edit", { file_path: "a/b.txt", old_string: "two", new_string: "three" });
  expect((await call("read", { file_path: "a/b.txt" })).content).toBe("one\nthree\n");
  expect((await call("glob", { pattern: "**/*.txt" })).content).toBe(join(folder, "a/b.txt"));
  expect((await call("grep", { pattern: "thr[e]+" })).content).toContain("b.txt:2:three");
  expect((await call("bash", { command: "cat a/b.txt" })).content).toBe("one\nthree");
});

test("the shell has the environment that it was given and nothing of the worker's", async () => {
  process.env.FARHAND_TEST_CANARY = "leaked";
  const { content } = await call("bash", { command: "env; cat" });
  delete process.env.FARHAND_TEST_CANARY;
  expect(content).toContain("CANARY=known");
  expect(content).not.toContain("leaked");
});

test("the shell keeps its folder and variables between calls, and a failed command is an error", async () => {
  await call("bash", { command: "mkdir x && cd x && set_here=1" });
  expect((await call("bash", { command: "echo $set_here; basename $PWD" })).content).toBe("1\nx");
  expect(await call("bash", { command: "echo no; false" })).toEqual({ content: "no", isError: true });
});

const exitCodes = () =>
  events.flatMap((event) => (event.type === "tool.finished" ? [event.exitCode ?? null] : []));

test.each([
  ["true", "", 0],
  ["echo no; (exit 3)", "no", 3],
  ["(exit 3)", "exit 3", 3],
  ["nosuchcommand_here 2>/dev/null; echo $?; sh -c 'kill -9 $$'", "127", 137],
  ["echo one; exec 5>&1; false | true", "one", 0],
  ["sleep 600 & echo started", "started", 0],
  ["printf '%s' 0; set -u -o noclobber; (exit 4)", "0", 4],
])(
  "the exit code of %j is told beside its output, and the model sees no more than before",
  async (command, content, code) => {
    const result = await call("bash", { command });
    expect(result.content.replaceAll(/^.*Killed.*$/gm, "").trim()).toBe(content);
    expect(result.isError).toBe(code !== 0);
    expect(exitCodes()).toEqual([code]);
  },
);

test("what the shell is told to trace, trap or forbid shows nothing of how its exit codes are kept", async () => {
  await call("bash", { command: "trap 'echo trapped' ERR" });
  // Once for the subshell, and once for what the command as a whole is to the shell.
  expect(await call("bash", { command: "echo one; (exit 6)" })).toEqual({
    content: "one\ntrapped\ntrapped",
    isError: true,
  });
  await call("bash", { command: "trap - ERR; set -x" });
  const traced = await call("bash", { command: "echo two" });
  expect(traced.content).toContain("two");
  expect(traced.content).not.toContain("__END_");
  expect(traced.content).not.toContain("printf");
  expect(exitCodes().slice(0, 2)).toEqual([0, 6]);
});

test("a command that ended its shell has the shell's exit code, and one that was stopped has none", async () => {
  await call("bash", { command: "exit 3" });
  await call("bash", { command: "set -e; echo on; false" });
  await call("bash", { command: "kill -9 $$" });
  await call("bash", { command: "sleep 600", timeout_ms: 100 });
  await call("bash", { command: "echo on; (exit 2)" });
  await call("glob", { pattern: "*" });
  expect(exitCodes()).toEqual([3, 1, null, null, 2, null]);
});

test("quotes of every kind reach the shell as they are", async () => {
  const command = `echo 'single '"'"' quote' "double \\" quote" $'tab\\t' <<< ignored; cat <<'E'\nit's $HOME\nE`;
  expect((await call("bash", { command })).content).toBe(`single ' quote double " quote tab\t\nit's $HOME`);
});

test.each(["echo 'open", 'echo "$(date', "if true; then", ")", "cat <<E\nno end", "echo \\"])(
  "the command %j, which is not whole, neither hangs nor costs the shell its state",
  async (command) => {
    await call("bash", { command: "kept=1" });
    await call("bash", { command });
    expect((await call("bash", { command: "echo $kept" })).content).toBe("1");
  },
);

test("a command that ends the shell says so, and the next has a new one", async () => {
  const ended = await call("bash", { command: "echo before; exit 3" });
  expect(ended.isError).toBe(true);
  expect(ended.content).toStartWith("before\nbash: the shell itself ended with code 3");
  expect((await call("bash", { command: "echo on" })).content).toBe("on");
});

test("a tool that takes too long is stopped, its processes are killed, and the model is told", async () => {
  open({ toolTimeoutMs: 300 });
  const { content, isError } = await call("bash", {
    command: "echo $$ > pid; sleep 600",
    timeout_ms: 600_000,
  });
  expect(isError).toBe(true);
  expect(content).toContain("stopped after 0.3 seconds");
  await untilDead(await pidIn(join(folder, "pid")));
  expect((await call("bash", { command: "echo on" })).content).toBe("on");
});

test("the model's own time limit counts when it is the shorter one", async () => {
  expect((await call("bash", { command: "sleep 600", timeout_ms: 100 })).content).toContain(
    "stopped after 0.1 seconds",
  );
});

test("what a stopped command had printed is not lost", async () => {
  const { content } = await call("bash", { command: "echo begun; sleep 600", timeout_ms: 300 });
  expect(content).toStartWith("bash: stopped after 0.3 seconds");
  expect(content).toEndWith("Until then it printed:\nbegun");
});

test("a command that sends the shell's own output away silences itself alone", async () => {
  expect((await call("bash", { command: "exec >gone 2>&1; echo hidden" })).content).toBe("");
  expect((await call("bash", { command: "cat gone" })).content).toBe("hidden");
});

test("an agent that has removed its own folder gets a shell all the same", async () => {
  await rm(folder, { recursive: true });
  await call("bash", { restart: true });
  expect(await call("bash", { command: 'mkdir -p "$HOME" && cd "$HOME" && pwd' })).toEqual({
    content: folder,
    isError: false,
  });
});

test("what the shell is taught to call by our names breaks none of the later commands", async () => {
  await call("bash", {
    command: "source() { :; }; printf() { :; }; shopt -s expand_aliases; alias source=false printf=false",
  });
  expect(await call("bash", { command: "echo on; (exit 4)" })).toEqual({ content: "on", isError: true });
  expect(exitCodes()).toEqual([0, 4]);
});

test("what a job of an ended shell prints is in no later command's output", async () => {
  await call("bash", { command: "( for n in 1 2 3 4 5 6; do sleep 0.1; echo LEFT; done ) & exit 3" });
  const { content } = await call("bash", { command: "sleep 0.7; echo mine" });
  expect(content).toBe("mine");
});

test("a command left in the background does not hold up its call", async () => {
  expect((await call("bash", { command: "sleep 600 & echo started" })).content).toBe("started");
});

test("a long output is cut to its head and its tail, and that is a notice", async () => {
  open({ toolOutputBytes: 1_000 });
  const { content } = await call("bash", { command: "seq 1 5000" });
  expect(Buffer.byteLength(content)).toBeLessThanOrEqual(1_000);
  expect(content.startsWith("1\n2\n")).toBe(true);
  expect(content.endsWith("4999\n5000")).toBe(true);
  expect(content).toMatch(/\[… \d+ bytes cut here …\]/);
  expect(events.map((event) => (event.type === "notice" ? event.code : event.type))).toEqual([
    "tool.started",
    "output_truncated",
    "tool.finished",
  ]);
});

test("all of an output that is longer than the model gets is kept, before its end is told", async () => {
  open({ toolOutputBytes: 1_000 });
  await call("bash", { command: "seq 1 5000" });
  const id = `use${calls}`;
  const whole = Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join("");
  expect(outputs.get(id)).toBe(whole);
  const output = { sizeBytes: whole.length, keptBytes: whole.length };
  expect(events.at(-1)).toMatchObject({ type: "tool.finished", toolUseId: id, output });
});

test("colours are kept for people, and kept from the model", async () => {
  const { content } = await call("bash", { command: "printf '\\033[31mred\\033[0m\\n'" });
  expect(content).toBe("red");
  expect(outputs.get(`use${calls}`)).toBe("\u001b[31mred\u001b[0m\n");
});

test("what a file tool gives is kept whole as well, and what the log has whole is not kept again", async () => {
  open({ toolOutputBytes: 1_000 });
  const text = "line\n".repeat(1_000);
  await writeFile(join(folder, "long"), text);
  await call("read", { file_path: "long" });
  expect(outputs.get(`use${calls}`)).toBe(text);
  outputs.clear();
  await call("bash", { command: "echo short" });
  expect(outputs.size).toBe(0);
  expect(events.at(-1)).not.toHaveProperty("output");
});

test("where the server has no room, the event names no output", async () => {
  open({ toolOutputBytes: 1_000 });
  hasRoom = false;
  await call("bash", { command: "seq 1 5000" });
  expect(events.at(-1)).toMatchObject({ type: "tool.finished", isError: false });
  expect(events.at(-1)).not.toHaveProperty("output");
});

test("a gigabyte of output leaves the worker's memory alone", async () => {
  const before = process.memoryUsage().rss;
  const { content } = await call("bash", {
    command: "head -c 1000000000 /dev/zero | tr '\\0' x; echo; echo end",
  });
  expect(content.endsWith("end")).toBe(true);
  expect(Buffer.byteLength(outputs.get(`use${calls}`) ?? "")).toBeLessThanOrEqual(OUTPUT_MAX_BYTES);
  expect(process.memoryUsage().rss - before).toBeLessThan(700 * 1024 * 1024);
}, 60_000);

test("bytes that are not text become text that the API accepts", async () => {
  const { content } = await call("bash", { command: "printf '\\xff\\xfe\\x00ok'" });
  expect(content.isWellFormed()).toBe(true);
  expect(content).toEndWith("ok");
});

test("calls made at once run one after the other, so that two edits of one file both last", async () => {
  await writeFile(join(folder, "f"), "a b");
  await Promise.all([
    call("edit", { file_path: "f", old_string: "a", new_string: "1" }),
    call("edit", { file_path: "f", old_string: "b", new_string: "2" }),
  ]);
  expect(await readFile(join(folder, "f"), "utf8")).toBe("1 2");
  const types = events.map(({ type }) => type);
  expect(types).toEqual(["tool.started", "tool.finished", "tool.started", "tool.finished"]);
});

test("the file tools stay in the clone", async () => {
  expect((await call("read", { file_path: "/etc/passwd" })).isError).toBe(true);
  await call("bash", { command: "ln -s /etc/passwd link" });
  expect((await call("read", { file_path: "link" })).isError).toBe(true);
});

test("input of the wrong shape is the model's trouble and not the worker's", async () => {
  for (const name of ["bash", "read", "write", "edit", "glob", "grep"]) {
    expect((await call(name, {})).isError).toBe(true);
    const { content } = await call(name, { command: 1, file_path: {}, pattern: [], timeout_ms: "x" });
    expect(content).toBeString();
  }
});

test("an aborted call kills its command and has no result", async () => {
  const stop = new AbortController();
  const running = call("bash", { command: "echo $$ > pid; sleep 600" }, stop.signal);
  const pid = await pidIn(join(folder, "pid"));
  const reason = new Error("cancelled");
  stop.abort(reason);
  expect(await running.catch((error: unknown) => error)).toBe(reason);
  await untilDead(pid);
  expect(events.map(({ type }) => type)).toEqual(["tool.started"]);
});
