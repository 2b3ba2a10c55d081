/**
 * Breaks a whole Farhand in every way that a machine can break, and checks after each round that nothing was lost:
 *
 *   FARHAND_WORKER_BINARY=… FARHAND_WORKER_IMAGE=… bun tests/faults/main.ts --seed 1000 --rounds 50 [--seconds 300]
 *
 * `--keep` writes events and log of every round to `build/faults`, not only of those that failed.
 * Rounds have the seeds N, N+1, N+2 …, after those that once failed. A single round (`--rounds 1`) is played alone.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { needed } from "../e2e/support/world.ts";
import { openGround, type SuiteGround } from "./ground.ts";
import { obstacle } from "./obstacle.ts";
import { planOf } from "./plan.ts";
import { REGRESSIONS } from "./regressions.ts";
import { failureText, matrix, roundLine, writeRound } from "./report.ts";
import { playRound, type RoundResult } from "./round.ts";
import { System } from "./system.ts";

const root = join(import.meta.dir, "../..");
const say = (line: string) => process.stdout.write(`${line}\n`);

interface Options {
  seed: number;
  rounds: number;
  seconds: number;
  keep: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      rounds: { type: "string", default: "20" },
      seconds: { type: "string", default: "86400" },
      keep: { type: "boolean", default: false },
    },
  });
  const number = (name: "seed" | "rounds" | "seconds") => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number from 0 on`);
    return value;
  };
  return { seed: number("seed"), rounds: number("rounds"), seconds: number("seconds"), keep: values.keep };
}

async function run({ seed, rounds, seconds, keep }: Options): Promise<RoundResult[]> {
  const seeds = Array.from({ length: rounds }, (_, index) => seed + index);
  if (rounds > 1) seeds.unshift(...REGRESSIONS);
  say(`seed ${seed}, ${seeds.length} rounds, ${REGRESSIONS.length} of them once failed`);
  await using ground = await openGround({
    cache: join(root, "build/faults-engine"),
    workerBinary: needed("FARHAND_WORKER_BINARY"),
    workerImage: needed("FARHAND_WORKER_IMAGE"),
  });
  const results: RoundResult[] = [];
  const endAt = performance.now() + seconds * 1000;
  let system: System | null = null;
  try {
    for (const next of seeds) {
      if (performance.now() > endAt || interrupted) break;
      system ??= await openSystem(ground, results.length);
      const result = await playRound(system, planOf(next));
      // A terminal interrupts the coordinator along with us, so this round says nothing.
      if (interrupted) break;
      results.push(result);
      say(roundLine(results.length, result));
      const isFailed = result.violations.length > 0;
      const file = isFailed || keep ? await writeRound(join(root, "build/faults"), result) : "";
      if (!isFailed) continue;
      say(failureText(result, file));
      // What failed may have left anything behind: the next round begins with a new system.
      await system[Symbol.asyncDispose]();
      system = null;
      await ground.reset();
    }
  } finally {
    await system?.[Symbol.asyncDispose]();
  }
  return results;
}

async function openSystem(ground: SuiteGround, number: number): Promise<System> {
  const folder = join(ground.disk.path, `w${number}`);
  await mkdir(folder);
  return System.open(ground, folder);
}

let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    // The round under way is played to its end, which is soon; a second signal does not wait for it.
    if (interrupted) process.exit(130);
    interrupted = true;
  });

const options = readOptions();
const reason = obstacle();
if (reason !== null) {
  say(`The fault suite is skipped: ${reason}.`);
  say(`0 passed, 0 failed, ${options.rounds} skipped`);
  process.exit(0);
}
const results = await run(options);
const failed = results.filter(({ violations }) => violations.length > 0);
say(matrix(results));
if (failed.length > 0) say(`failed seeds: ${failed.map(({ plan }) => plan.seed).join(", ")}`);
say(`${results.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length > 0 || interrupted ? 1 : 0);
