/** For tests: repositories in a folder of their own, a remote, and a work tree from which work is pushed. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FarhandError } from "../domain/failure.ts";
import type { Remote, Repositories } from "../domain/ports.ts";
import { createRepositories } from "./repositories.ts";

export const BRANCH = "farhand/mend";
export const never = new AbortController().signal;
export const taskId = (n: number) => `t_${String(n).padStart(26, "0")}`;
export const task = (n: number, baseBranch: string | null = null) => ({
  id: taskId(n),
  userId: "u1",
  branch: BRANCH,
  baseBranch,
});
export const at = (url: string): Remote => ({ url, credential: null });

const env = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

export async function git(cwd: string, ...args: string[]): Promise<string> {
  return await gitReading(cwd, null, ...args);
}

async function gitReading(cwd: string, stdin: Uint8Array | null, ...args: string[]): Promise<string> {
  const child = Bun.spawn(["git", ...args], {
    cwd,
    env,
    stdin: stdin ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

export interface MadeFile {
  path: string | Uint8Array;
  /** For a submodule the id of its commit; null to delete what is there. */
  content: string | Uint8Array | null;
  mode?: "100644" | "100755" | "120000" | "160000";
}

export interface Fixture {
  folder: string;
  /** The repositories' own folder. */
  directory: string;
  source: string;
  work: string;
  repositories: Repositories;
  /** Commits files in the work tree. */
  commit(files: Record<string, string>): Promise<string>;
  /** Prepares a task and gives its repository a branch, as a worker's push does. */
  prepareWithWork(n: number, remote?: Remote): Promise<{ base: string; tip: string }>;
  /** Makes a commit inside a task's repository, with names and kinds that a work tree could not hold everywhere. */
  make(n: number, files: MadeFile[], parent?: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), "repos-"));
  const directory = join(folder, "data");
  const source = join(folder, "source.git");
  const work = join(folder, "work");
  const repositories = createRepositories({ directory, stallSeconds: 1 });
  let made = 0;

  async function commit(files: Record<string, string>): Promise<string> {
    for (const [path, content] of Object.entries(files)) await writeFile(join(work, path), content);
    await git(work, "add", ".");
    await git(work, "commit", "--quiet", "-m", "change");
    return await git(work, "rev-parse", "HEAD");
  }

  await git(folder, "init", "--quiet", "--bare", "--initial-branch=trunk", source);
  await git(folder, "init", "--quiet", "--initial-branch=trunk", work);
  await git(work, "remote", "add", "origin", source);
  await commit({ "a.txt": "one\ntwo\n", "b.bin": "\0\u0001" });
  await git(work, "push", "--quiet", "origin", "trunk", "trunk:refs/heads/dev");

  return {
    folder,
    directory,
    source,
    work,
    repositories,
    commit,

    async prepareWithWork(n, remote = at(source)) {
      const { baseCommit } = await repositories.prepare(task(n), remote, never);
      const tip = await commit({ "a.txt": "one\n2\nthree\n", "c.txt": "new\n" });
      await git(work, "push", "--quiet", repositories.taskPath(taskId(n)), `HEAD:refs/heads/${BRANCH}`);
      return { base: baseCommit, tip };
    },

    async make(n, files, parent) {
      const ref = `refs/made/${++made}`;
      const lines = [`commit ${ref}\ncommitter A <a@example.org> 1700000000 +0000\ndata 4\nmade\n`];
      if (parent) lines.push(`from ${parent}\n`);
      const stream = Buffer.concat([Buffer.from(lines.join("")), ...files.map(fastImportLine)]);
      const path = repositories.taskPath(taskId(n));
      await gitReading(path, stream, "fast-import", "--quiet", "--force");
      return await git(path, "rev-parse", ref);
    },

    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fastImportLine({ path, content, mode = "100644" }: MadeFile): Uint8Array {
  const octal = [...Buffer.from(path)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`);
  const quoted = `"${octal.join("")}"`;
  if (content === null) return Buffer.from(`D ${quoted}\n`);
  if (mode === "160000") return Buffer.from(`M 160000 ${content} ${quoted}\n`);
  const bytes = Buffer.from(content);
  const header = Buffer.from(`M ${mode} inline ${quoted}\ndata ${bytes.byteLength}\n`);
  return Buffer.concat([header, bytes, Buffer.from("\n")]);
}

export async function failureOf(promise: Promise<unknown>): Promise<FarhandError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof FarhandError) return error;
  throw error;
}

/** Command lines of all processes that have this text in theirs. */
export async function processesNaming(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (commandLine.includes(text)) found.push(commandLine.replaceAll("\0", " "));
  }
  return found;
}
