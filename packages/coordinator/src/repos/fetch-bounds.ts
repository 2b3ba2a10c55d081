import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { type FarhandError, failure } from "../domain/failure.ts";
import { diskUse } from "./disk-use.ts";
import { WHOLE_REPOSITORY_MAX_MEMORY_BYTES } from "./git.ts";

/** What a fetch may take of this machine. A forge sends what it likes, and for as long as it likes. */
export interface FetchBounds {
  /** What the disk must keep free. */
  minFreeBytes: number;
  /** The most that a mirror may hold; null for no limit. */
  maxMirrorBytes: number | null;
  /** As in `GitCommand`. */
  maxMemoryBytes: number;
  /** How often a fetch that is under way is looked at. */
  lookMs: number;
}

export const DEFAULT_FETCH_BOUNDS: FetchBounds = {
  minFreeBytes: 0,
  maxMirrorBytes: null,
  maxMemoryBytes: WHOLE_REPOSITORY_MAX_MEMORY_BYTES,
  lookMs: 1_000,
};

/**
 * Does work that fills a mirror, and aborts it when there is no more bounds.
 *
 * @throws FarhandError `disk_full` once the work has ended
 */
export async function withinRoom<T>(
  mirror: { path: string; url: string },
  bounds: FetchBounds,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const before = await shortage(mirror, bounds);
  if (before !== null) throw before;
  const over = new AbortController();
  const done = new AbortController();
  const watching = (async () => {
    for (;;) {
      await sleep(bounds.lookMs, done.signal);
      if (done.signal.aborted) return null;
      const found = await shortage(mirror, bounds);
      if (found === null) continue;
      over.abort(found);
      return found;
    }
  })();
  try {
    return await work(AbortSignal.any([signal, over.signal]));
  } finally {
    done.abort();
    await watching;
  }
}

async function shortage(
  { path, url }: { path: string; url: string },
  bounds: FetchBounds,
): Promise<FarhandError | null> {
  const [{ bavail, bsize }, heldBytes] = await Promise.all([
    statfs(path),
    bounds.maxMirrorBytes === null ? 0 : diskUse(join(path, "objects")),
  ]);
  if (bavail * bsize < bounds.minFreeBytes)
    return failure(
      "disk_full",
      `The server's disk has less than ${mib(bounds.minFreeBytes)} MiB left, so fetching ${url} was stopped.`,
      "Free some space on the data folder's disk, then try again.",
      { retryable: true },
    );
  if (bounds.maxMirrorBytes !== null && heldBytes > bounds.maxMirrorBytes)
    return failure(
      "disk_full",
      `${url} is larger than the ${mib(bounds.maxMirrorBytes)} MiB that a repository may have on this server, so fetching it was stopped.`,
      "The server's owner can raise FARHAND_REPOSITORY_MAX_MIB.",
    );
  return null;
}

const mib = (bytes: number) => Math.floor(bytes / 1024 ** 2);

function sleep(ms: number, until: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  until.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
