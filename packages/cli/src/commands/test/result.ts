import type { Colors } from "picocolors/types";
import { formatDuration } from "../../terminal/format.ts";
import { safeText } from "../../terminal/safe-text.ts";
import type { FailedTest } from "./failures.ts";

/** What one step came to. */
export interface StepOutcome {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  durationMs: number;
  /** What is known of what failed. */
  failures: FailedTest[];
}

/** So many are said again; what fails in hundreds fails for one reason. */
const FAILURES_MAX = 10;

/** What failed, once more: of a run of many minutes, its end is what is looked at. Nothing where nothing failed. */
export function failureLines(outcomes: readonly StepOutcome[], colors: Colors): string[] {
  const failures = outcomes.flatMap(({ name, failures }) => failures.map((it) => ({ ...it, step: name })));
  if (failures.length === 0) return [];
  const told = failures.slice(0, FAILURES_MAX);
  const left = failures.length - told.length;
  return [
    "",
    "  What failed:",
    ...told.flatMap(({ step, name, lines }) => [
      `  ${colors.red("✗")} ${step}: ${safeText(name)}`,
      ...lines.map((line) => `      ${safeText(line)}`),
    ]),
    ...(left > 0 ? [`  … and ${left} more, further up`] : []),
  ];
}

/** A table of all steps, then `N passed, N failed` alone on the last line. */
export function summaryLines(outcomes: readonly StepOutcome[], colors: Colors): string[] {
  const width = Math.max(4, ...outcomes.map(({ name }) => name.length));
  const row = (name: string, cells: [passed: string, failed: string, skipped: string, time: string]) =>
    `  ${name.padEnd(width)}  ${cells[0].padStart(6)}  ${cells[1].padStart(6)}  ${cells[2].padStart(7)}  ${cells[3].padStart(12)}`;
  const rows = outcomes.map((it) => {
    const text = row(it.name, [
      String(it.passed),
      String(it.failed),
      String(it.skipped),
      formatDuration(it.durationMs),
    ]);
    return it.failed > 0 ? colors.red(text) : text;
  });
  const sum = (key: "passed" | "failed" | "skipped") => outcomes.reduce((total, it) => total + it[key], 0);
  const skipped = sum("skipped");
  return [
    "",
    colors.dim(row("", ["passed", "failed", "skipped", "time"])),
    ...rows,
    "",
    ...(skipped > 0 ? [`${skipped} skipped, for the reasons above`] : []),
    `${sum("passed")} passed, ${sum("failed")} failed`,
  ];
}
