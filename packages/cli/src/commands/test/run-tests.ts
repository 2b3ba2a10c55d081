import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eachLine } from "../../each-line.ts";
import { readJunit, type TestReport } from "./junit.ts";

export interface ProgramResult {
  exitCode: number;
  /** Standard output and error in the order in which they came. */
  output: string;
}

export interface ProgramOptions {
  root: string;
  env: Record<string, string>;
  signal: AbortSignal;
  onLine: (line: string) => void;
}

/** Runs a program and keeps what it says. */
export async function runProgram(argv: string[], options: ProgramOptions): Promise<ProgramResult> {
  const child = Bun.spawn(argv, {
    cwd: options.root,
    env: options.env,
    signal: options.signal,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    options.onLine(line);
  };
  await Promise.all([eachLine(child.stdout, keep), eachLine(child.stderr, keep)]);
  const exitCode = await child.exited;
  options.signal.throwIfAborted();
  return { exitCode, output: lines.join("\n") };
}

/** What `bun test` printed, without the tests that passed: thousands of them would hide the few that failed. */
export function withoutPasses(output: string): string {
  const lines = output.split("\n").filter((line) => !/^\((pass|skip|todo)\)/.test(line));
  const isHead = (line: string | undefined) => line !== undefined && /^\S+\.test\.tsx?:$/.test(line);
  const isBare = (at: number) =>
    isHead(lines[at]) && (lines[at + 1] ?? "") === "" && (isHead(lines[at + 2]) || at + 2 >= lines.length);
  return lines
    .filter((line, at) => !isBare(at) && !(line === "" && isBare(at - 1)))
    .join("\n")
    .trim();
}

/** Which files, and how. */
export interface TestRun {
  files: string[];
  /** Most that one test may take. */
  timeoutMs: number;
  /** So many `bun test` side by side; otherwise one runs all. */
  atOnce?: number | undefined;
  /** How many files one `bun test` of those runs, one after the other. 1 where it is left out. */
  filesPerRun?: number | undefined;
}

/** Runs test files. What fails outside of any test, such as an import, counts as a failure. */
export async function runTests(
  { files, timeoutMs, atOnce, filesPerRun = 1 }: TestRun,
  options: ProgramOptions,
): Promise<TestReport & { output: string }> {
  const size = atOnce === undefined ? files.length : filesPerRun;
  const runs = Array.from({ length: Math.ceil(files.length / size) }, (_, run) =>
    files.slice(run * size, (run + 1) * size),
  );
  const reports: (TestReport & { output: string })[] = [];
  const waiting = [...runs.entries()];
  const runner = async () => {
    // By their place, so that what is shown afterwards is in the files' order.
    for (let next = waiting.shift(); next; next = waiting.shift())
      reports[next[0]] = await runTogether(next[1], timeoutMs, options);
  };
  await Promise.all(Array.from({ length: atOnce ?? 1 }, runner));
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    skipped: reports.flatMap(({ skipped }) => skipped),
    output: reports.map(({ output }) => output).join("\n"),
  };
}

async function runTogether(
  files: string[],
  timeoutMs: number,
  options: ProgramOptions,
): Promise<TestReport & { output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "farhand-test-"));
  try {
    const reportPath = join(folder, "junit.xml");
    const reporter = ["--reporter=junit", `--reporter-outfile=${reportPath}`];
    const timeout = `--timeout=${timeoutMs}`;
    const argv = [process.execPath, "test", timeout, ...reporter, ...files.map((path) => `./${path}`)];
    const { exitCode, output } = await runProgram(argv, options);
    const file = Bun.file(reportPath);
    const report = (await file.exists())
      ? readJunit(await file.text())
      : { passed: 0, failed: 0, skipped: [] };
    const outside = output.split("\n").filter((line) => line === "# Unhandled error between tests").length;
    const failed = report.failed + outside;
    return { ...report, failed: exitCode !== 0 && failed === 0 ? 1 : failed, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
