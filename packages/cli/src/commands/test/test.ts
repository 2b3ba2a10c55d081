import { withoutSettings } from "../../server/server-settings.ts";
import { plural } from "../../terminal/format.ts";
import { safeText } from "../../terminal/safe-text.ts";
import { runStep } from "../../terminal/steps.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { orAborted, stopSignal } from "../interrupts.ts";
import { prepareWorkers } from "../prepare-workers.ts";
import { type StepOutcome, summaryLines } from "./result.ts";
import { runProgram, runTests } from "./run-tests.ts";
import { type Suite, type TestStep, testSteps } from "./steps.ts";

/** Runs all that proves the project, or one part of it. @returns the exit code */
export async function test(
  context: CommandContext,
  terminal: Terminal,
  suite: Suite | null,
): Promise<number> {
  using stop = stopSignal();
  const { screen, colors } = terminal;
  // Test programs set up their own servers: the user's must not show through. Colours would be in the way.
  const env: Record<string, string> = { ...withoutSettings(context.env), NO_COLOR: "1" };
  const steps = await testSteps(context.root, suite);
  const outcomes: StepOutcome[] = [];
  let workerEnv: Record<string, string> | null = null;
  screen.print([""]);
  for (const step of steps) {
    if (step.kind === "tests" && step.needsWorkers && workerEnv === null) {
      const workers = prepareWorkers({ root: context.root, env }, terminal, { withoutDocker: "use-process" });
      workerEnv = (await orAborted(workers, stop.signal)).env;
    }
    const needsWorkers = step.kind === "tests" && step.needsWorkers;
    const stepEnv = needsWorkers ? { ...env, ...workerEnv } : env;
    outcomes.push(
      await runTestStep(step, terminal, { root: context.root, env: stepEnv, signal: stop.signal }),
    );
  }
  screen.print(summaryLines(outcomes, colors));
  return outcomes.some(({ failed }) => failed > 0) ? ExitCode.failed : ExitCode.ok;
}

async function runTestStep(
  step: TestStep,
  terminal: Terminal,
  options: { root: string; env: Record<string, string>; signal: AbortSignal },
): Promise<StepOutcome> {
  const startedAtMs = performance.now();
  const report = await runStep(terminal, step.name, async (log) => {
    const result = await (step.kind === "check"
      ? runCheck(step.argv, options)
      : runTests(step, { ...options, onLine: progress(terminal, log) }));
    const counts = [
      plural(result.passed, step.kind === "check" ? "check" : "test"),
      ...(result.failed > 0 ? [`${result.failed} failed`] : []),
      ...(result.skipped.length > 0 ? [`${result.skipped.length} skipped`] : []),
    ];
    return { value: result, detail: counts.join(", "), mark: result.failed > 0 ? "failed" : "ok" };
  });
  const durationMs = performance.now() - startedAtMs;
  const { screen, colors } = terminal;
  if (report.failed > 0) screen.print(["", ...safeText(report.output).split("\n"), ""]);
  for (const name of report.skipped) screen.print([`    ${colors.yellow("skipped")} ${safeText(name)}`]);
  for (const reason of skipReasons(report.output)) screen.print([`    ${colors.dim(reason)}`]);
  return {
    name: step.name,
    passed: report.passed,
    failed: report.failed,
    skipped: report.skipped.length,
    durationMs,
  };
}

async function runCheck(
  argv: string[],
  options: { root: string; env: Record<string, string>; signal: AbortSignal },
) {
  const { exitCode, output } = await runProgram(argv, { ...options, onLine: () => {} });
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: [], output };
}

/** Tells how many tests have ended, and in which file. Only where it can be drawn over. */
function progress({ isLive }: Terminal, log: (line: string) => void): (line: string) => void {
  let ended = 0;
  let file = "";
  return (line) => {
    if (!isLive) return;
    if (/^\((pass|fail|skip|todo)\)/.test(line)) ended += 1;
    else if (/^\S+\.test\.ts:$/.test(line)) file = line.slice(0, -1);
    else return;
    log(`${plural(ended, "test")} · ${file}`);
  };
}

/** Whoever skips a test prints why: `… skipped: <reason>`. */
function skipReasons(output: string): string[] {
  return [...new Set(output.split("\n").filter((line) => /\bskipped: /i.test(line)))].map(safeText);
}
