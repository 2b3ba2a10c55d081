/** Runs git on a bare repository of the simulator, without any configuration of the machine. */
export async function git(
  path: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn(["git", "-c", "safe.directory=*", ...args], {
    cwd: path,
    env: {
      PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
      HOME: "/nonexistent",
      LC_ALL: "C",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout: stdout.trim(), stderr };
}

/** Commit at the tip of a branch, or null. */
export async function tipOf(path: string, branch: string): Promise<string | null> {
  const result = await git(
    path,
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `refs/heads/${branch}^{commit}`,
  );
  return result.code === 0 ? result.stdout : null;
}

export async function branchesOf(path: string): Promise<Array<{ name: string; sha: string }>> {
  const { stdout } = await git(
    path,
    "for-each-ref",
    "--format=%(refname:lstrip=2) %(objectname)",
    "refs/heads",
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({
      name: line.slice(0, line.lastIndexOf(" ")),
      sha: line.slice(line.lastIndexOf(" ") + 1),
    }));
}

/** How many commits `head` has that `base` has not. */
export async function commitsAhead(path: string, base: string, head: string): Promise<number> {
  const { stdout } = await git(path, "rev-list", "--count", `${base}..${head}`);
  return Number(stdout);
}

export async function diffStat(
  path: string,
  base: string,
  head: string,
): Promise<{ changedFiles: number; additions: number; deletions: number }> {
  const { stdout } = await git(path, "diff", "--numstat", `${base}...${head}`);
  const rows = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
  const sum = (column: 0 | 1) => rows.reduce((total, row) => total + (Number(row[column]) || 0), 0);
  return { changedFiles: rows.length, additions: sum(0), deletions: sum(1) };
}
