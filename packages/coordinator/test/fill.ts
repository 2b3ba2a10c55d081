import type { EventBody } from "@farhand/protocol";
import { newTask, openStores, taskId } from "./stores.ts";

/** Events that an append takes at once. */
const BATCH = 500;

/**
 * Fills a database file as years of work would: tasks that are idle, each with a log of the given length. The first
 * task is number 1.
 */
export async function fillDatabase(path: string, logLengths: number[]): Promise<void> {
  await using stores = await openStores(path);
  for (const [index, length] of logLengths.entries()) {
    const id = taskId(index + 1);
    await stores.tasks.create(newTask(index + 1));
    const bodies = Array.from({ length: length - 3 }, (_, n) => body(n));
    for (let at = 0; at < bodies.length; at += BATCH)
      await stores.log.append(id, 0, bodies.slice(at, at + BATCH));
    await stores.log.append(id, 0, [{ type: "state.changed", from: "queued", to: "idle", failure: null }]);
  }
}

/** What an agent's log is mostly made of: calls and their results. */
function body(n: number): EventBody {
  if (n % 2 === 0) return { type: "tool.started", toolUseId: `toolu_${n}`, name: "bash", label: `step ${n}` };
  return {
    type: "notice",
    level: "info",
    code: "output",
    message: `line ${n}: ${"some output of a command ".repeat(8)}`,
  };
}
