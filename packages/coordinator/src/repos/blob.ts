import { type Git, GitError, type GitProcess } from "./git.ts";

/** As git decides it: a NUL among the first bytes. */
const BINARY_SNIFF_BYTES = 8000;

export function isBinary(start: Uint8Array): boolean {
  return start.subarray(0, BINARY_SNIFF_BYTES).includes(0);
}

export async function sizeOfBlob(git: Git, repository: string, object: string): Promise<number> {
  return Number(await git.read({ repository, args: ["cat-file", "-s", object] }));
}

/** At most `maxBytes` of a blob; git is ended once it has given them. */
export async function readBlobStart(
  git: Git,
  repository: string,
  object: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const args = ["cat-file", "blob", object];
  const result = await git.run({ repository, args, maxStdoutBytes: maxBytes });
  if (result.exitCode !== 0 && !result.isTruncated) throw new GitError(args, result);
  return result.stdout;
}

/**
 * A blob's bytes as they are read. Git is ended when the reader cancels or the signal aborts; the body then fails with
 * the signal's reason, as it does when git fails: it never just ends early.
 */
export async function streamBlob(
  git: Git,
  repository: string,
  object: string,
  signal: AbortSignal,
): Promise<{ isBinary: boolean; body: ReadableStream<Uint8Array> }> {
  const args = ["cat-file", "blob", object];
  const child = git.start({ repository, args, signal });
  const reader = child.stdout.getReader();
  const start: Uint8Array[] = [];
  for (let sizeBytes = 0; sizeBytes < BINARY_SNIFF_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) {
      await wholeEnd(child, args, signal);
      break;
    }
    start.push(value);
    sizeBytes += value.byteLength;
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const first = start.shift();
        if (first !== undefined) return controller.enqueue(first);
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        await wholeEnd(child, args, signal);
        controller.close();
      },
      async cancel() {
        child.stop();
        await reader.cancel();
        await child.ended;
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  );
  return { isBinary: isBinary(Buffer.concat(start)), body };
}

async function wholeEnd(child: GitProcess, args: string[], signal: AbortSignal): Promise<void> {
  const end = await child.ended;
  signal.throwIfAborted();
  if (end.exitCode !== 0) throw new GitError(args, end);
}
