import { type ProgramOptions, runProgram } from "./run-tests.ts";

export interface SuiteReport {
  passed: number;
  failed: number;
  skipped: number;
  output: string;
}

/** The last line of a suite that is a program of its own. */
const RESULT = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/** Runs a suite that is a program of its own. Without a result of its own, or with one that its exit code denies, it has failed. */
export async function runSuite(argv: string[], options: ProgramOptions): Promise<SuiteReport> {
  // The sum of all suites is said once, at the end.
  const onLine = (line: string) => RESULT.test(line) || options.onLine(line);
  const { exitCode, output } = await runProgram([process.execPath, ...argv], {
    ...options,
    onLine: (line) => void onLine(line),
  });
  const result = output
    .split("\n")
    .map((line) => RESULT.exec(line))
    .findLast((match) => match !== null);
  const [passed = 0, failed = 0, skipped = 0] = (result ?? []).slice(1).map((digits) => Number(digits ?? 0));
  const isBroken = !result || (exitCode !== 0 && failed === 0);
  return { passed, failed: isBroken ? failed + 1 : failed, skipped, output };
}
