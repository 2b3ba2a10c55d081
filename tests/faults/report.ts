import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { INVARIANTS, type Invariant } from "./facts.ts";
import { FAULTS, type FaultKind } from "./plan.ts";
import type { RoundResult } from "./round.ts";

const words = (kind: FaultKind) => kind.replaceAll("_", " ");

/** `round 12 seed 1012: coordinator killed, model overloaded … ok 4.1 s` */
export function roundLine(number: number, { plan, struck, violations, elapsedMs }: RoundResult): string {
  const missed = plan.faults.map(({ kind }) => kind).filter((kind) => !struck.includes(kind));
  const faults = [...struck.map(words), ...missed.map((kind) => `(${words(kind)}: nothing to strike)`)];
  const verdict = violations.length === 0 ? "ok" : `FAILED ${broken(violations).join(" ")}`;
  return `round ${number} seed ${plan.seed}: ${faults.join(", ")} … ${verdict} ${(elapsedMs / 1000).toFixed(1)} s`;
}

function broken(violations: RoundResult["violations"]): Invariant[] {
  return [...new Set(violations.map(({ invariant }) => invariant))].sort();
}

/** What a person needs to see why a round failed, and how to play it again. */
export function failureText({ plan, violations }: RoundResult, file: string): string {
  return [
    ...violations.slice(0, 20).map(({ invariant, message }) => `  ${invariant} ${message}`),
    ...(violations.length > 20 ? [`  … and ${violations.length - 20} more`] : []),
    `  again: bun tests/faults/main.ts --seed ${plan.seed} --rounds 1`,
    `  events and the coordinator's log: ${file}`,
  ].join("\n");
}

const LOG_TAIL_BYTES = 400_000;

/** Writes plan, violations, events and the end of the log to a file and gives its path. */
export async function writeRound(folder: string, result: RoundResult): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `seed-${result.plan.seed}.txt`);
  const lines = [
    JSON.stringify(result.plan, null, 2),
    "",
    ...result.violations.map(({ invariant, message }) => `${invariant} ${message}`),
  ];
  for (const { task, events, sent, phones, work, waiting } of result.facts) {
    lines.push("", `==== ${JSON.stringify(task)}`, `sent ${JSON.stringify(sent)}`);
    lines.push(`waiting ${JSON.stringify(waiting)}`);
    lines.push(`work ${JSON.stringify({ ...work, turns: [...work.turns] })}`);
    lines.push(
      ...phones.map(({ name, seen, gaveUp }) => `${name}: ${seen.length} events, gave up: ${gaveUp}`),
    );
    lines.push(
      ...events.map(({ seq, attempt, at, body }) => `${seq} #${attempt} ${at} ${JSON.stringify(body)}`),
    );
  }
  lines.push("", "==== the coordinator's log", result.log.slice(-LOG_TAIL_BYTES));
  await Bun.write(path, `${lines.join("\n")}\n`);
  return path;
}

/** Faults × invariants: in how many rounds each pair was checked, and in how many of them it failed. */
export function matrix(results: readonly RoundResult[]): string {
  const names = Object.keys(INVARIANTS) as Invariant[];
  const width = Math.max(...FAULTS.map((kind) => kind.length)) + 1;
  const cell = (text: string) => text.padStart(7);
  const row = (title: string, of: readonly RoundResult[]) => {
    const failed = (name: Invariant) =>
      of.filter(({ violations }) => broken(violations).includes(name)).length;
    return `${title.padEnd(width)}${names.map((name) => cell(`${of.length}/${failed(name)}`)).join("")}`;
  };
  return [
    "Rounds checked/failed, by fault and invariant",
    `${"".padEnd(width)}${names.map(cell).join("")}`,
    ...FAULTS.map((kind) =>
      row(
        words(kind),
        results.filter(({ struck }) => struck.includes(kind)),
      ),
    ),
    row("all", results),
    ...names.map((name) => `${name} ${INVARIANTS[name]}`),
  ].join("\n");
}
