import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { git } from "../e2e/support/git.ts";
import { promptOf, ranOf } from "./agent.ts";
import type { Arena } from "./arena.ts";
import { newWord } from "./targets.ts";

/** Name of the variable that a setup gets its secret in. */
export const SECRET = "PACKAGE_TOKEN";

export interface SetUp {
  /** The last lines that the script printed; null where it was refused afterwards. */
  printed: string | null;
  /** What the agent's command printed in the system that was set up; null where it was not. */
  agent: string | null;
  /** Why the task failed, or nothing. */
  failure: string;
}

/**
 * Plays the first turn of a task on a repository of its own, whose base commit has this script as its setup and whose
 * secret the script gets. The agent then runs a command.
 */
export async function playSetup(
  arena: Arena,
  given: { script: string; secret: string; agent: string },
): Promise<SetUp> {
  const { world } = arena;
  const work = await mkdtemp(join(arena.folder, "setup-"));
  await git(["clone", "-q", world.sample.path, work]);
  await mkdir(join(work, ".farhand"));
  await Bun.write(join(work, ".farhand", "setup.sh"), given.script);
  await git(["-C", work, "add", "-A"]);
  await git(["-C", work, "commit", "-q", "-m", "Set up"]);
  const { cloneUrl } = await world.github.addRepository("octo", newWord(), join(work, ".git"));
  await world.client.putSecret({
    repository: cloneUrl,
    name: SECRET,
    value: given.secret,
    isForAgent: false,
  });
  const { id } = await world.create({ repository: cloneUrl, prompt: promptOf(given.agent, 30) });
  const task = await world.ended(id);
  const [setup] = await world.bodies(id, "setup.finished");
  const ran = (await world.bodies(id, "tool.finished")).at(-1);
  await world.client.archive(id);
  return {
    printed: setup?.tail ?? null,
    agent: ran === undefined ? null : ranOf(ran.content).output,
    failure: task.failure === null ? "" : `${task.failure.code}: ${task.failure.message}`,
  };
}
