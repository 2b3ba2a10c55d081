import { withoutSettings } from "../../server/server-settings.ts";
import { plural } from "../../terminal/format.ts";
import { safeText } from "../../terminal/safe-text.ts";
import { runStep } from "../../terminal/steps.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { orAborted, stopSignal } from "../interrupts.ts";
import { prepareWebApp } from "../prepare-web-app.ts";
import { prepareWorkers } from "../prepare-workers.ts";
import { UsageError } from "../usage-error.ts";
import { bunFailures, type FailedTest, lastWords, programFailures } from "./failures.ts";
import { prepareBrowser } from "./prepare-browser.ts";
import { failureLines, type StepOutcome, summaryLines } from "./result.ts";
import { runApp } from "./run-app.ts";
import { runSuite } from "./run-suite.ts";
import { type ProgramOptions, runProgram, runTests, withoutPasses } from "./run-tests.ts";
import { type FaultOptions, type Suite, type TestStep, testSteps } from "./steps.ts";

/** Runs all that proves the project, or one part of it. @returns the exit code */
export async function test(
  context: CommandContext,
  terminal: Terminal,
  { suite, faults }: { suite: Suite | null; faults: FaultOptions },
): Promise<number> {
  if (suite !== "faults" && (faults.seed !== undefined || faults.rounds !== undefined))
    throw new UsageError("--seed and --rounds are for the suite `faults` alone.", "See: farhand test --help");
  using stop = stopSignal();
  const { screen, colors } = terminal;
  // Test programs set up their own servers: the user's must not show through. Colours would be in the way.
  const env: Record<string, string> = { ...withoutSettings(context.env), NO_COLOR: "1" };
  const steps = await testSteps(context.root, suite, faults);
  const outcomes: StepOutcome[] = [];
  let workerEnv: Record<string, string> | null = null;
  screen.print([""]);
  for (const step of steps) {
    const isProgram = step.kind === "attacks" || step.kind === "faults";
    const needsWorkers = isProgram || (step.kind === "tests" && step.needsWorkers);
    if (needsWorkers && workerEnv === null) {
      const workers = prepareWorkers({ root: context.root, env }, terminal, { withoutDocker: "use-process" });
      workerEnv = (await orAborted(workers, stop.signal)).env;
    }
    if (step.kind === "tests" && step.needsBrowser) await orAborted(prepareBrowser(terminal), stop.signal);
    const needsWebApp = step.kind === "tests" && step.needsWebApp === true;
    const stepEnv = {
      ...env,
      ...(needsWorkers ? workerEnv : {}),
      ...(needsWebApp
        ? await orAborted(prepareWebApp({ root: context.root, env }, terminal), stop.signal)
        : {}),
    };
    outcomes.push(
      await runTestStep(step, terminal, { root: context.root, env: stepEnv, signal: stop.signal }),
    );
  }
  screen.print([...failureLines(outcomes, colors), ...summaryLines(outcomes, colors)]);
  return outcomes.some(({ failed }) => failed > 0) ? ExitCode.failed : ExitCode.ok;
}

async function runTestStep(
  step: TestStep,
  terminal: Terminal,
  options: { root: string; env: Record<string, string>; signal: AbortSignal },
): Promise<StepOutcome> {
  const startedAtMs = performance.now();
  const report = await runStep(terminal, step.name, async (log) => {
    const result = await runOne(step, terminal, { ...options, log });
    const counts = [
      plural(result.passed, NOUN[step.kind]),
      ...(result.failed > 0 ? [`${result.failed} failed`] : []),
      ...(result.skipped > 0 ? [`${result.skipped} skipped`] : []),
      ...(step.kind === "faults" ? [`seed ${step.seed}`] : []),
    ];
    return { value: result, detail: counts.join(", "), mark: result.failed > 0 ? "failed" : "ok" };
  });
  const durationMs = performance.now() - startedAtMs;
  const { screen, colors } = terminal;
  const isShown = step.kind === "attacks" || step.kind === "faults";
  if (report.failed > 0 && !isShown)
    screen.print(["", ...safeText(withoutPasses(report.output)).split("\n"), ""]);
  for (const name of report.skippedNames) screen.print([`    ${colors.yellow("skipped")} ${safeText(name)}`]);
  for (const reason of isShown ? [] : skipReasons(report.output)) screen.print([`    ${colors.dim(reason)}`]);
  return {
    name: step.name,
    passed: report.passed,
    failed: report.failed,
    skipped: report.skipped,
    durationMs,
    failures: withUnnamed(report),
  };
}

/** With a word on what died before it could say what failed. */
function withUnnamed({ failed, failures, output }: StepReport): FailedTest[] {
  const unnamed = failed - failures.length;
  if (unnamed <= 0) return failures;
  return [...failures, lastWords(`${plural(unnamed, "failure")} without a name; the last words`, output)];
}

const NOUN: Record<TestStep["kind"], string> = {
  check: "check",
  tests: "test",
  app: "test",
  attacks: "attack",
  faults: "round",
};

interface StepReport {
  passed: number;
  failed: number;
  skipped: number;
  /** What is known by name of what was skipped. */
  skippedNames: string[];
  failures: FailedTest[];
  output: string;
}

async function runOne(
  step: TestStep,
  terminal: Terminal,
  { log, ...options }: Omit<ProgramOptions, "onLine"> & { log: (line: string) => void },
): Promise<StepReport> {
  switch (step.kind) {
    case "check":
      return runCheck(step.argv, options);
    case "tests": {
      const { skipped, ...report } = await runTests(step, { ...options, onLine: progress(terminal, log) });
      const failures = report.failed > 0 ? bunFailures(report.output) : [];
      return { ...report, skipped: skipped.length, skippedNames: skipped, failures };
    }
    case "app":
      // Only where it can be drawn over.
      return runApp({
        ...options,
        log,
        onFile: (count) => void (terminal.isLive && log(plural(count, "file"))),
      });
    case "attacks":
    case "faults": {
      // Minutes long, and each line tells of a round or an attack: it is read while it runs.
      const onLine = (line: string) => terminal.screen.print([`    ${safeText(line)}`.trimEnd()]);
      const report = await runSuite(step.argv, { ...options, onLine });
      return { ...report, skippedNames: [], failures: programFailures(report.output) };
    }
  }
}

async function runCheck(argv: string[], options: Omit<ProgramOptions, "onLine">): Promise<StepReport> {
  const { exitCode, output } = await runProgram(argv, { ...options, onLine: () => {} });
  const passed = exitCode === 0 ? 1 : 0;
  const failures = passed ? [] : [lastWords(argv[0] ?? "", output)];
  return { passed, failed: 1 - passed, skipped: 0, skippedNames: [], failures, output };
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
