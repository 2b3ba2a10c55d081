import { Readable } from "node:stream";
import type Docker from "dockerode";
import { z } from "zod";
import type { EngineCall } from "./docker-workspace.ts";
import { createNeedleSearch } from "./needle-search.ts";
import { secretForms } from "./secret-forms.ts";
import { changedPaths } from "./setup-changes.ts";
import { readTar } from "./tar-stream.ts";

/** Sockets have no content, and archives leave them out. More of them are no system that somebody has set up. */
const MOST_LEFT_OUT = 1000;
/** The bit of a socket among Go's bits of a file's mode, which the engine tells. */
const SOCKET_BIT = 2 ** 24;
const PathStat = z.object({ mode: z.number() });

/**
 * Whether a container that has ended left one of these secrets in a file, a name, a link or an attribute of its root file
 * system. All of it is the engine's own account: nothing in the container has a part in the search. It finds slips, such
 * as a package manager's settings; who encrypts or packs a secret hides it.
 *
 * @param bounds.maxBytes most that the engine may send of it
 * @returns false only when everything that was changed has been looked at
 * @throws Error when something could not be looked at
 */
export async function holdsSecret(
  call: EngineCall,
  container: Docker.Container,
  secrets: readonly string[],
  bounds: { maxBytes: number; signal: AbortSignal },
): Promise<boolean> {
  const needles = secrets.flatMap(secretForms);
  if (needles.length === 0) return false;
  const search = createNeedleSearch(needles);
  const paths = await changedPaths(call, container);
  if (paths.some((path) => search().push(Buffer.from(path)))) return true;

  const left = new Set(paths);
  // The engine's list and its archive may write bytes that are no text with another number of these.
  const hasOddNames = paths.some(isOdd);
  const archive = await call(container.export());
  if (!(archive instanceof Readable)) throw new Error("the engine gave no archive of it");
  const stop = () => void archive.destroy(new Error("it took too long"));
  bounds.signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const entry of readTar(bounded(archive, bounds))) {
      if (!left.delete(entry.name) && !(hasOddNames && isOdd(entry.name))) continue;
      if (entry.description.some((bytes) => search().push(bytes))) return true;
      const text = search();
      for await (const piece of entry.content) if (text.push(piece)) return true;
    }
  } finally {
    bounds.signal.removeEventListener("abort", stop);
    archive.destroy();
  }
  await demandSockets(
    call,
    container,
    [...left].filter((path) => !isOdd(path)),
  );
  return false;
}

const isOdd = (path: string) => path.includes("\ufffd");

/** Nothing else may be missing in the archive. */
async function demandSockets(call: EngineCall, container: Docker.Container, paths: string[]): Promise<void> {
  if (paths.length > MOST_LEFT_OUT) throw new Error(`${paths.length} changed paths are not in the archive`);
  for (const path of paths) {
    const answer = await call<unknown>(container.infoArchive({ path: `/${path}` }));
    const header = z.object({ headers: z.record(z.string(), z.unknown()) }).parse(answer).headers;
    const told = z.string().parse(header["x-docker-container-path-stat"]);
    const { mode } = PathStat.parse(JSON.parse(Buffer.from(told, "base64").toString()));
    if (Math.floor(mode / SOCKET_BIT) % 2 === 0) throw new Error("a changed file is not in the archive");
  }
}

async function* bounded(
  archive: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const piece of archive) {
    signal.throwIfAborted();
    sizeBytes += piece.length;
    if (sizeBytes > maxBytes) throw new Error("the archive is larger than what was set up");
    yield piece;
  }
}
