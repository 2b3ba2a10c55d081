/** The system's `tar` did not do what it was told. */
export class TarError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TarError";
  }
}

export interface TarEntry {
  /** As `ls -l` shows it: `-` for a plain file. */
  kind: string;
  name: string;
}

/** Packs plain files of a folder, in this order, into an open file. @throws TarError */
export async function pack(
  folder: string,
  { members, into, signal }: { members: readonly string[]; into: number; signal: AbortSignal },
): Promise<void> {
  const form = ["--create", "--gzip", "--file=-", "--format=pax", `--directory=${folder}`];
  // Nothing of this machine's accounts; whoever unpacks it owns it.
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mode=0600"];
  const names = ["--no-recursion", "--null", "--files-from=-"];
  await run([...form, ...owner, ...names], {
    stdin: new Blob([members.map((name) => `${name}\0`).join("")]),
    stdout: into,
    signal,
  });
}

/** What is in an archive, without unpacking it. @throws TarError when it is none, or is cut off */
export async function list(file: string, signal: AbortSignal): Promise<TarEntry[]> {
  const text = await run(["--list", "--verbose", "--gzip", "--file=-", "--numeric-owner"], {
    stdin: Bun.file(file),
    stdout: "pipe",
    signal,
  });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const match = /^(\S)\S*\s+\S+\s+\d+\s+\S+\s+\S+ (.*)$/.exec(line);
      return { kind: match?.[1] ?? "?", name: match?.[2] ?? line };
    });
}

/** Unpacks into an empty folder; a file that is there twice is refused. @throws TarError */
export async function unpack(file: string, folder: string, signal: AbortSignal): Promise<void> {
  const safety = ["--no-same-owner", "--no-same-permissions", "--keep-old-files"];
  await run(["--extract", "--gzip", "--file=-", ...safety, `--directory=${folder}`], {
    stdin: Bun.file(file),
    stdout: "pipe",
    signal,
  });
}

async function run(
  args: string[],
  options: { stdin: Blob; stdout: "pipe" | number; signal: AbortSignal },
): Promise<string> {
  options.signal.throwIfAborted();
  const child = Bun.spawn(["tar", ...args], {
    // TAR_OPTIONS and GZIP could change what these mean.
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8" },
    stdin: options.stdin,
    stdout: options.stdout,
    stderr: "pipe",
    signal: options.signal,
  });
  const [out, complaints] = await Promise.all([
    typeof child.stdout === "object" ? new Response(child.stdout).text() : "",
    new Response(child.stderr).text(),
    child.exited,
  ]);
  options.signal.throwIfAborted();
  if (child.exitCode !== 0) throw new TarError(complaints.trim().slice(-500) || `code ${child.exitCode}`);
  return out;
}
