import type { Failure } from "@farhand/protocol";
import { FarhandError } from "../domain/failure.ts";
import type { PreparedRepository } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";
import { endTurn, type TurnEnd } from "../domain/turn-end.ts";
import { approvedCommit } from "./approval.ts";
import type { AttemptLog, AttemptOptions } from "./attempt-options.ts";
import { publishWork } from "./publish.ts";

/** Waits between tries of a change that the database refuses for the moment: about half a minute in all. */
const PAUSES_MS = [100, 300, 1000, 2000, 4000, 8000, 15_000];

/** Publishes what a finished turn has made. @returns the end that takes the place of "finished" when that fails */
export async function publish(
  options: AttemptOptions,
  { taskId, userId, attempt }: { taskId: string; userId: string; attempt: number },
  base: PreparedRepository,
  signal: AbortSignal,
  logger: AttemptLog,
): Promise<TurnEnd | null> {
  try {
    const onTrouble = (error: unknown) =>
      logger.error({ err: error }, "could not write about publishing; trying again");
    const task = await insist(() => options.tasks.get(taskId), onTrouble);
    if (!task) throw new Error(`task ${taskId} is not in the database`);
    const forge = await options.forgeOf(task);
    await publishWork({
      task,
      base,
      forge,
      repositories: options.repositories,
      append: (body) => insist(() => options.log.append(taskId, attempt, [body]), onTrouble),
      approvedCommit: () => approvedCommit(options.log, task),
      signal,
    });
    return null;
  } catch (error) {
    if (signal.aborted) return null;
    return { kind: "failed", failure: toFailure(options, userId, error, logger) };
  }
}

/** Writes the turn's end into the log. The task's state is its last word. */
export async function conclude(
  options: AttemptOptions,
  taskId: string,
  end: TurnEnd,
  logger: AttemptLog,
): Promise<TaskRecord> {
  if (end.kind !== "lost" && end.kind !== "interrupted" && end.kind !== "suspended")
    await insist(
      () => keepCheckpoint(options, taskId, end),
      (error) => logger.error({ err: error }, "could not keep the turn's checkpoint; trying again"),
    ).catch((error) => logger.error({ err: error }, "could not keep the turn's checkpoint"));
  const task = await insist(
    () => options.tasks.change(taskId, (facts) => endTurn(facts, end)),
    (error) => logger.error({ err: error }, "could not write the turn's end; trying again"),
  );
  options.onTurnEnded(taskId);
  options.onQueued();
  return task;
}

/**
 * Sees to it that the end of the turn has a checkpoint, which people go back to and the next worker begins with. A
 * worker that was killed has left none, and one whose push met a full disk neither: the last that it made takes its
 * place, or the branch, to which a finished turn's work was pushed.
 */
async function keepCheckpoint(
  { tasks, log, repositories }: AttemptOptions,
  taskId: string,
  end: TurnEnd,
): Promise<void> {
  const task = await tasks.get(taskId);
  const turn = (await tasks.turns(taskId)).find((it) => it.turn === task?.turn);
  if (!task || !turn) return;
  const { turns } = await repositories.checkpoints(taskId);
  if (turn.endRevision && turns.get(turn.turn) === turn.endRevision) return;
  const tip = end.kind === "finished" ? await repositories.tip(taskId, task.branch) : null;
  const commit = tip ?? turn.endRevision ?? task.revision;
  if (!commit || !(await repositories.has(taskId, commit))) return;
  // First the log, which the next worker goes by: without it, an older checkpoint would take the work back.
  if (commit !== task.revision)
    await log.append(taskId, task.attempt, [
      { type: "checkpoint.saved", turn: turn.turn, commit, isFinal: true },
    ]);
  await repositories.keepTurn(taskId, turn.turn, commit);
}

/** Does what must be done once the disk and the database take it: they may be full or locked for a while. */
export async function insist<T>(work: () => Promise<T>, onTrouble: (error: unknown) => void): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      onTrouble(error);
      await Bun.sleep(pauseMs);
    }
  }
  return await work();
}

function isPassing(error: unknown): boolean {
  if (error instanceof FarhandError) return error.code === "disk_full";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(code);
}

/** An expected trouble as it is told to the user. A bug goes to the log, and the user hears that there was one. */
export function toFailure(
  options: AttemptOptions,
  userId: string,
  error: unknown,
  logger: AttemptLog,
): Failure {
  if (error instanceof FarhandError)
    return { ...error.failure, message: options.scrub(userId, error.failure.message) };
  logger.error({ err: error }, "unexpected error");
  return internalFailure;
}

export const internalFailure: Failure = {
  code: "internal",
  message: "Something went wrong inside the server.",
  action: "Run the turn again. The server's log has the details.",
  retryable: true,
};
