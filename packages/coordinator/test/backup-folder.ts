import { Database } from "bun:sqlite";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { BackupTools } from "../src/backup/tools.ts";
import { checkDatabase, commitsOfTasks, copyDatabase } from "../src/database/copy.ts";
import { knownMigrations, openDatabase } from "../src/database/open.ts";
import { Git } from "../src/repos/git.ts";

const runner = new Git({ stallSeconds: 5 });

export const tools: BackupTools = {
  git: (command) => runner.run(command),
  copyDatabase,
  checkDatabase,
  commitsOfTasks,
  knownMigrations: knownMigrations(),
  version: "0.0.0",
};

export const TOKEN = "fho_a-token-that-stays-where-it-is";
export const MIRROR = "mirrors/u_owner/git.example/octo/shop.git";

export const taskId = (n: number) => `t_${String(n).padStart(26, "0")}`;
export const taskPath = (n: number) => `tasks/${taskId(n)}.git`;

/** Runs git for a test, and fails with what it said. */
export async function git(repository: string, ...args: string[]): Promise<string> {
  const child = Bun.spawn(["git", ...args], {
    cwd: repository,
    env: {
      PATH: process.env.PATH,
      HOME: repository,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "T",
      GIT_AUTHOR_EMAIL: "t@example.com",
      GIT_COMMITTER_NAME: "T",
      GIT_COMMITTER_EMAIL: "t@example.com",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, complaints] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (child.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${complaints}`);
  return out.trim();
}

/** A data folder such as a coordinator leaves: a mirror, three tasks, a database, logs and secrets. */
export class BackupFolder implements AsyncDisposable {
  readonly data: string;
  readonly archive: string;
  /** Commits by what they stand for. */
  readonly commits: Record<"base" | "forgotten" | "work" | "live" | "dropped", string>;
  readonly folder: string;

  private constructor(folder: string, commits: BackupFolder["commits"]) {
    this.folder = folder;
    this.data = join(folder, "data");
    this.archive = join(folder, "farhand.tar.gz");
    this.commits = commits;
  }

  static async make(): Promise<BackupFolder> {
    const folder = await mkdtemp(join(tmpdir(), "farhand-backup-"));
    const data = join(folder, "data");
    const commits = await makeRepositories(folder, join(data, "repos"));
    await makeDatabase(join(data, "agent.db"), commits);
    const files: Record<string, string> = {
      "owner.token": `${TOKEN}\n`,
      instance: "abcd1234\n",
      "secret.key": "a-key-that-stays",
      "logs/coordinator.log": "it listens\n",
      [`logs/${taskId(1)}.jsonl`]: '{"seq":1}\n',
      "artifacts/t 1/Bild ä'.png": "png",
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(data, name)), { recursive: true });
      await writeFile(join(data, name), content);
    }
    return new BackupFolder(folder, commits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function makeRepositories(folder: string, repos: string): Promise<BackupFolder["commits"]> {
  const work = join(folder, "work");
  await mkdir(work);
  await git(work, "init", "--quiet", "--initial-branch=main");
  const commit = async (name: string, content: string) => {
    await writeFile(join(work, name), content);
    await git(work, "add", "--all");
    await git(work, "commit", "--quiet", "--message", name);
    return git(work, "rev-parse", "HEAD");
  };
  await commit("README.md", "shop\n");
  // What the remote's branch was before somebody forced it to something else.
  const forgotten = await commit("old.txt", "old\n");
  await git(work, "reset", "--quiet", "--hard", "HEAD^");
  const base = await commit("index.js", `${"// line\n".repeat(500)}`);
  const mirror = join(repos, MIRROR);
  await mkdir(mirror, { recursive: true });
  await git(mirror, "init", "--quiet", "--bare", "--initial-branch=main");
  await git(work, "push", "--quiet", mirror, `${forgotten}:refs/heads/main`);
  await git(work, "push", "--quiet", "--force", mirror, "main");

  const makeTask = async (n: number, baseCommit: string) => {
    const path = join(repos, taskPath(n));
    await mkdir(path, { recursive: true });
    await git(path, "init", "--quiet", "--bare", "--initial-branch=main");
    const objects = join(path, "objects");
    await writeFile(join(objects, "info", "alternates"), `${relative(objects, join(mirror, "objects"))}\n`);
    await git(path, "update-ref", "refs/heads/main", baseCommit);
    return path;
  };
  const first = await makeTask(1, base);
  const done = await commit("done.txt", "done\n");
  await git(work, "push", "--quiet", first, "HEAD:refs/heads/farhand/work", "HEAD:refs/farhand/turns/1");
  const live = await commit("live.txt", "live\n");
  await git(work, "push", "--quiet", first, "HEAD:refs/farhand/live");
  // A checkpoint that a row points to and no ref any more.
  await git(work, "reset", "--quiet", "--hard", done);
  const dropped = await commit("dropped.txt", "dropped\n");
  await git(work, "push", "--quiet", first, "HEAD:refs/farhand/restore");
  await git(first, "update-ref", "-d", "refs/farhand/restore");
  await makeTask(2, forgotten);
  await makeTask(3, base);
  return { base, forgotten, work: done, live, dropped };
}

async function makeDatabase(path: string, commits: BackupFolder["commits"]): Promise<void> {
  await (await openDatabase(path)).destroy();
  using database = new Database(path);
  const at = "2026-01-01T00:00:00.000Z";
  database.run(
    "INSERT INTO users (id, login, token_hash, created_at) VALUES ('u_owner', 'owner', 'hash', ?)",
    [at],
  );
  for (const [n, base] of [commits.base, commits.forgotten, commits.base].entries())
    database.run(
      `INSERT INTO tasks (id, user_id, state, repository, forge, base_commit, branch, model, prompt, revision,
        created_at, updated_at) VALUES (?, 'u_owner', 'running', '/r', 'plain', ?, 'b', 'm', 'p', ?, ?, ?)`,
      [taskId(n + 1), base, n === 0 ? commits.dropped : null, at, at],
    );
}
