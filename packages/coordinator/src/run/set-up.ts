import { FarhandError, failure } from "../domain/failure.ts";
import type { PreparedRepository, SandboxSpec } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";
import type { AttemptOptions } from "./attempt-options.ts";

const SCRIPT = ".farhand/setup.sh";
/** A script travels to the engine as one argument of a program, and those have a limit. */
const SCRIPT_MAX_BYTES = 64 * 1024;
const LIMIT_MS = 15 * 60_000;

type SetupOptions = Pick<AttemptOptions, "repositories" | "driver" | "log" | "scrub" | "vault" | "gateway">;

/**
 * Prepares the system that the task's sandbox is to run in, where the repository asks for it. The script is that of
 * the base commit: what an agent writes there has to be merged by a person first.
 *
 * @returns the sandbox's image, or null for the usual one
 * @throws FarhandError `setup_failed`
 */
export async function setUpSystem(
  options: SetupOptions,
  task: TaskRecord,
  base: PreparedRepository,
  sandbox: () => Promise<SandboxSpec>,
  signal: AbortSignal,
): Promise<string | null> {
  const { driver, log, gateway } = options;
  const script = await readScript(options, task.id, base.baseCommit);
  if (script === null) return null;
  const spec = await sandbox();
  if (driver.setUp === null) {
    const message = `${SCRIPT} is not run: a sandbox of this kind has no system of its own.`;
    await log.append(task.id, spec.attempt, [
      { type: "notice", level: "warning", code: "setup_skipped", message },
    ]);
    return null;
  }
  const startedMs = performance.now();
  await log.append(task.id, spec.attempt, [{ type: "setup.started", path: SCRIPT }]);
  const secrets = await options.vault.repositorySecrets(task.userId, task.repository);
  const environment = Object.fromEntries(secrets.map(({ name, value }) => [name, value]));
  const scope = `${task.userId} ${task.repository}`;
  // Root in there, and whatever it installs, must not speak for the attempt: not to the model, nor to git, nor to us.
  await using way = await gateway.openSetup(task.id, spec.token);
  const { directory: socketDirectory, socketName, token } = way;
  const own = { ...spec, token, socketDirectory, socketName };
  const setup = await driver.setUp({ ...own, script, environment, scope, limitMs: LIMIT_MS }, signal);
  const { exitCode, isCached } = setup;
  const tail = options.scrub(task.userId, setup.tail);
  const durationMs = performance.now() - startedMs;
  await log.append(task.id, spec.attempt, [{ type: "setup.finished", exitCode, isCached, tail, durationMs }]);
  if (setup.image !== null) return setup.image;
  throw failure(
    "setup_failed",
    `${SCRIPT} ended with exit code ${exitCode}.`,
    "Look at its last lines above, correct it on the base branch, and try again.",
    { retryable: true },
  );
}

async function readScript(options: SetupOptions, taskId: string, commit: string): Promise<string | null> {
  const node = await options.repositories.node(taskId, commit, SCRIPT).catch((error: unknown) => {
    if (error instanceof FarhandError && error.code === "not_found") return null;
    throw error;
  });
  if (node === null) return null;
  if (node.kind === "file" && node.text !== null && node.sizeBytes <= SCRIPT_MAX_BYTES) return node.text;
  throw failure(
    "setup_failed",
    `${SCRIPT} is no text file of ${SCRIPT_MAX_BYTES / 1024} KiB at most.`,
    "Make it an ordinary shell script on the base branch; a link is not followed.",
  );
}
