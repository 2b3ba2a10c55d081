import { isPassed, isShown, isStopped, type Run, type Verdict } from "./attack.ts";

/**
 * `12 network: direct TCP … stopped by no network 1.2 s`. With `evidence` also what each run of an attack that was
 * stopped has seen, a line each.
 */
export function verdictLine(number: number, verdict: Verdict, evidence = false): string {
  const { area, name, by, tried, control, elapsedMs } = verdict;
  const words = [wordOf(tried, "tried"), wordOf(control, "control")];
  const wrong = [isStopped(tried) ? [] : words.slice(0, 1), isShown(control) ? [] : words.slice(1)].flat();
  const outcome = isPassed(verdict) ? `stopped by ${by}` : `FAILED: ${wrong.join(" ")}`;
  const line = `${number} ${area}: ${name} … ${outcome} ${(elapsedMs / 1000).toFixed(1)} s`;
  return evidence && isPassed(verdict) ? [line, ...words.map((word) => `  ${word}`)].join("\n") : line;
}

function wordOf(run: Run, which: "tried" | "control"): string {
  if ("error" in run) return `[${which}: could not be made: ${oneLine(run.error)}]`;
  const word = run.succeeded ? "SUCCEEDED" : "does not work";
  return `[${which}: ${word}: ${oneLine(run.evidence)}]`;
}

const LINE_MAX = 400;

/** Fit for a line of a terminal: what attackers print is in it. */
export function oneLine(text: string): string {
  const flat = text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .trim();
  return flat.length > LINE_MAX ? `${flat.slice(0, LINE_MAX)}…` : flat;
}

const HEAD = ["attack", "tried", "stopped", "by what", "control"];

/** All verdicts, an attack to a row. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => [
    `${verdict.area}: ${verdict.name}`,
    "error" in verdict.tried ? "no" : "yes",
    isStopped(verdict.tried) ? "yes" : "NO",
    verdict.by,
    isShown(verdict.control) ? "works" : "error" in verdict.control ? "ERROR" : "DOES NOT WORK",
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(" | ")
        .trimEnd(),
    )
    .join("\n");
}

/** The last line of the program. */
export function totals(verdicts: readonly Verdict[]): string {
  const passed = verdicts.filter(isPassed).length;
  return `${passed} passed, ${verdicts.length - passed} failed`;
}
