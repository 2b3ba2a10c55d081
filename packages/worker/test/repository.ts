import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Repository {
  /** Path of the bare repository. */
  path: string;
  /** Tip of `main`. */
  commit: string;
  git(...args: string[]): Promise<string>;
}

/** Makes a bare repository with one commit on `main`: a sum that is wrong and a test that says so. */
export async function seedRepository(folder: string): Promise<Repository> {
  const seed = join(folder, "seed");
  const path = join(folder, "task.git");
  await mkdir(seed, { recursive: true });
  await writeFile(join(seed, "sum.sh"), "#!/bin/sh\necho $(($1 - $2))\n");
  await writeFile(join(seed, "test.sh"), '#!/bin/sh\ntest "$(./sum.sh 2 3)" = 5\n');
  await writeFile(join(seed, "AGENTS.md"), "Run ./test.sh before you commit.\n");
  await chmod(join(seed, "sum.sh"), 0o755);
  await chmod(join(seed, "test.sh"), 0o755);
  await runGit(seed, ["init", "--quiet", "--initial-branch=main"]);
  await runGit(seed, ["add", "--all"]);
  await runGit(seed, ["commit", "--quiet", "--message=First"]);
  await runGit(folder, ["clone", "--quiet", "--bare", seed, path]);
  await runGit(path, ["config", "http.receivepack", "true"]);
  const commit = (await runGit(path, ["rev-parse", "main"])).trim();
  return { path, commit, git: (...args) => runGit(path, args) };
}

async function runGit(cwd: string, args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Seed",
    GIT_AUTHOR_EMAIL: "seed@example.org",
    // The same commits in every repository that is made here.
    GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
    GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
    GIT_COMMITTER_NAME: "Seed",
    GIT_COMMITTER_EMAIL: "seed@example.org",
  };
  const child = Bun.spawn(["git", ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout;
}
