import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appFolder, ensureAppDependencies } from "../../setup/app-dependencies.ts";
import { SetupError } from "../../setup/setup-error.ts";
import { type FailedTest, jestFailures, lastWords } from "./failures.ts";
import { type ProgramOptions, runProgram } from "./run-tests.ts";

/** What the app's tests came to. Its types count as one test more. */
export interface AppReport {
  passed: number;
  failed: number;
  skipped: number;
  skippedNames: string[];
  failures: FailedTest[];
  output: string;
}

/** Checks the app's types and runs its tests, with the dependencies that are its own. */
export async function runApp({
  log,
  onFile,
  ...options
}: Omit<ProgramOptions, "onLine"> & {
  log: (line: string) => void;
  /** How many files of tests have ended. */
  onFile: (count: number) => void;
}): Promise<AppReport> {
  const { root } = options;
  try {
    await ensureAppDependencies(root, log);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      skippedNames: [],
      failures: [{ name: "dependencies", lines: [error.message, error.action] }],
      output: `${error.message}\n${error.action}`,
    };
  }
  log("types");
  const types = await runProgram(["node_modules/.bin/tsc", "--noEmit", "-p", appFolder(root)], {
    ...options,
    onLine: () => {},
  });
  const isTyped = types.exitCode === 0;
  const tests = await runJest(options, onFile);
  return {
    ...tests,
    passed: tests.passed + (isTyped ? 1 : 0),
    failed: tests.failed + (isTyped ? 0 : 1),
    failures: [...(isTyped ? [] : [lastWords("types", types.output)]), ...tests.failures],
    output: [types.output, tests.output].filter(Boolean).join("\n"),
  };
}

/** The part of Jest's report that is read. */
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numRuntimeErrorTestSuites: number;
}

async function runJest(
  options: Omit<ProgramOptions, "onLine">,
  onFile: (count: number) => void,
): Promise<AppReport> {
  const folder = await mkdtemp(join(tmpdir(), "farhand-app-test-"));
  try {
    const reportPath = join(folder, "report.json");
    const argv = [
      Bun.which("node") ?? process.execPath,
      join(appFolder(options.root), "node_modules", "jest", "bin", "jest.js"),
      "--ci",
      "--json",
      `--outputFile=${reportPath}`,
    ];
    let files = 0;
    const { exitCode, output } = await runProgram(argv, {
      ...options,
      // Where Babel looks for its settings.
      root: appFolder(options.root),
      onLine: (line) => {
        if (/^(PASS|FAIL) /.test(line)) onFile(++files);
      },
    });
    const file = Bun.file(reportPath);
    const report: JestReport | null = (await file.exists()) ? await file.json() : null;
    const failed = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
    return {
      passed: report?.numPassedTests ?? 0,
      failed: exitCode !== 0 && failed === 0 ? 1 : failed,
      skipped: report?.numPendingTests ?? 0,
      skippedNames: [],
      failures: jestFailures(output),
      output,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
