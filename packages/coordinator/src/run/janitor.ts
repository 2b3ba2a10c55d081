import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AttachmentKeeper } from "../domain/attachment.ts";
import type { Clock, Repositories } from "../domain/ports.ts";
import type { EventLog, RequestStore, TaskStore } from "../domain/store.ts";

const ROUND_MS = 10 * 60_000;
const FIRST_ROUND_MS = 5000;
/** The answers to requests are kept for repeats for this long. */
const ANSWERS_KEPT_MS = 24 * 60 * 60_000;
const TASKS_A_ROUND = 200;

/** Measures what tasks take on the disk, and removes the files of those that were archived long ago. */
export function createJanitor(options: {
  tasks: TaskStore;
  log: EventLog;
  requests: RequestStore;
  repositories: Repositories;
  attachments: Pick<AttachmentKeeper, "bytesOfTask" | "sweep">;
  logsDirectory: string;
  artifactsDirectory: string;
  retentionMs: number;
  /** A repository that takes more is rid of what it needs no longer; null for never. */
  tidyAboveBytes: number | null;
  clock: Clock;
  onError: (error: unknown) => void;
}) {
  const { tasks, repositories, onError } = options;
  const logFile = (taskId: string) => join(options.logsDirectory, `${taskId}.log`);
  const artifacts = (taskId: string) => join(options.artifactsDirectory, taskId);

  async function sizeOf(taskId: string, repositoryBytes: number): Promise<number> {
    const sizes = await Promise.all([
      stat(logFile(taskId)).then(
        ({ size }) => size,
        () => 0,
      ),
      folderBytes(artifacts(taskId)),
      options.attachments.bytesOfTask(taskId),
    ]);
    return sizes.reduce((sum, size) => sum + size, repositoryBytes);
  }

  async function measure(taskId: string): Promise<void> {
    const { tidyAboveBytes } = options;
    let repositoryBytes = await repositories.sizeBytes(taskId);
    if (tidyAboveBytes !== null && repositoryBytes > tidyAboveBytes) {
      await repositories.tidy(taskId).catch(onError);
      repositoryBytes = await repositories.sizeBytes(taskId);
    }
    await tasks.setDiskBytes(taskId, await sizeOf(taskId, repositoryBytes));
  }

  async function removeOutdated(nowMs: number): Promise<void> {
    for (const { id, attempt } of await tasks.outdated(
      new Date(nowMs - options.retentionMs),
      TASKS_A_ROUND,
    )) {
      const freedBytes = await sizeOf(id, await repositories.sizeBytes(id));
      await repositories.remove(id);
      await rm(logFile(id), { force: true });
      await rm(artifacts(id), { recursive: true, force: true });
      await options.log.append(id, attempt, [{ type: "task.removed", freedBytes }]);
    }
  }

  async function round(): Promise<void> {
    const nowMs = options.clock.now().getTime();
    await options.requests.forget(new Date(nowMs - ANSWERS_KEPT_MS));
    await removeOutdated(nowMs);
    await options.attachments.sweep(new Date(nowMs));
    for (const { id } of await tasks.toMeasure(TASKS_A_ROUND)) await measure(id);
  }

  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;
  const later = (ms: number) => {
    if (stopped) return;
    timer = setTimeout(
      () =>
        void round()
          .catch(onError)
          .finally(() => later(ROUND_MS)),
      ms,
    );
  };
  return {
    start: () => later(FIRST_ROUND_MS),
    round,
    /** Measures one task soon after it has changed. */
    measure: (taskId: string) => void measure(taskId).catch(onError),
    [Symbol.dispose]() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

async function folderBytes(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries)
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
