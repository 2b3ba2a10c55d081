/**
 * Runs the simulators as one program, for the demo:
 * `bun packages/simulators/src/main.ts --directory DIR [--scenario NAME] [--speed N]`
 * It prints one line of JSON when it is ready and serves until SIGTERM, SIGINT or the end of its standard input.
 */
import { randomBytes } from "node:crypto";
import { fstatSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startClaudeSimulator } from "./claude/server.ts";
import { startGitHubSimulator } from "./github/server.ts";
import { makeSampleRepository } from "./sample-repository.ts";

/** What the program prints when it is ready. */
export interface SimulatorsReady {
  claudeUrl: string;
  claudeKey: string;
  githubUrl: string;
  githubApiUrl: string;
  githubToken: string;
  repositoryUrl: string;
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      /** Where the repositories are kept while it runs. */
      directory: { type: "string" },
      scenario: { type: "string", default: "fix-failing-test" },
      /** Factor on every delay: 1 is natural, 0 is none. */
      speed: { type: "string", default: "1" },
    },
  });
  const delayFactor = Number(values.speed);
  if (values.directory === undefined) throw new Error("name a folder for the repositories: --directory DIR");
  if (!(delayFactor >= 0)) throw new Error("--speed takes a number from 0 on: it multiplies every delay");

  const stopped = stopSignal();
  await mkdir(values.directory, { recursive: true });
  const folder = await mkdtemp(join(resolve(values.directory), "simulators-"));
  try {
    await serve(folder, values.scenario, delayFactor, stopped);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function serve(
  folder: string,
  scenario: string,
  delayFactor: number,
  stopped: Promise<void>,
): Promise<void> {
  const claudeKey = `sk-ant-simulator-${secret()}`;
  const githubToken = `ghp_${secret()}`;
  const sample = join(folder, "sample.git");
  await makeSampleRepository(sample);
  await mkdir(join(folder, "github"));
  await using claude = await startClaudeSimulator({ apiKeys: [claudeKey], scenario, delayFactor });
  await using github = await startGitHubSimulator({
    tokens: { [githubToken]: "farhand-demo" },
    root: join(folder, "github"),
  });
  const repository = await github.addRepository("farhand-demo", "cart", sample, { private: true });
  const ready: SimulatorsReady = {
    claudeUrl: claude.url,
    claudeKey,
    githubUrl: github.url,
    githubApiUrl: github.apiUrl,
    githubToken,
    repositoryUrl: repository.cloneUrl,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await stopped;
}

function secret(): string {
  return randomBytes(24).toString("hex");
}

function stopSignal(): Promise<void> {
  return new Promise((stop) => {
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    // A pipe ends with whoever started us. A terminal or /dev/null says nothing of that kind.
    const input = fstatSync(0);
    if (input.isFIFO() || input.isSocket()) {
      process.stdin.once("end", stop);
      process.stdin.resume();
    }
  });
}

await run()
  .then(() => process.exit(0))
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
