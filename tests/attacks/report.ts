import { isPassed, isShown, isStopped, type Run, type Verdict } from "./attack.ts";

/** `12 network: direct TCP … stopped by no network, control works 1.2 s` */
export function verdictLine(number: number, verdict: Verdict): string {
  const { area, name, by, tried, control, elapsedMs } = verdict;
  const outcome = isPassed(verdict)
    ? `stopped by ${by}${process.env.FARHAND_ATTACKS_EVIDENCE ? `\n  ${wordOf(tried, "tried")}\n  ${wordOf(control, "control")}` : ""}`
    : `FAILED: ${isStopped(tried) ? "" : `${wordOf(tried, "tried")} `}${isShown(control) ? "" : wordOf(control, "control")}`;
  return `${number} ${area}: ${name} … ${outcome.trimEnd()} ${(elapsedMs / 1000).toFixed(1)} s`;
}

function wordOf(run: Run, which: "tried" | "control"): string {
  if ("error" in run) return `[${which}: could not be made: ${oneLine(run.error)}]`;
  const word = run.succeeded ? "SUCCEEDED" : "does not work";
  return `[${which}: ${word}: ${oneLine(run.evidence)}]`;
}

const LINE_MAX = Number(process.env.FARHAND_ATTACKS_LINE ?? 300);

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
