import { join } from "node:path";

export interface BranchProof {
  /** The sample's test fails where the agent began; otherwise its passing later would prove nothing. */
  baseFails: boolean;
  branchPasses: boolean;
  /** The end of what the branch's test printed. */
  output: string;
}

const TEST_COMMAND = ["node", "--test"];
const TEST_TIMEOUT_MS = 60_000;

/**
 * Clones a branch from the forge, as anybody could, and runs the sample's test on the base and on the branch.
 * @param options.directory an existing, empty folder
 * @throws Error when git or node cannot do their part
 */
export async function proveBranch(options: {
  repositoryUrl: string;
  token: string;
  branch: string;
  directory: string;
  signal: AbortSignal;
}): Promise<BranchProof> {
  const { directory, signal } = options;
  const clone = join(directory, "clone");
  const home = directory;
  const gitEnv = gitEnvironment(options.repositoryUrl, options.token, home);
  const git = (...argv: string[]) => execute(["git", ...argv], { cwd: directory, env: gitEnv, signal });
  const test = () =>
    execute(TEST_COMMAND, { cwd: clone, env: { PATH: process.env.PATH ?? "", HOME: home }, signal });

  await must(git("clone", "--quiet", "--", options.repositoryUrl, clone));
  const base = await test();
  await must(git("-C", clone, "checkout", "--quiet", "--detach", `refs/remotes/origin/${options.branch}`));
  const branch = await test();
  return { baseFails: base.exitCode !== 0, branchPasses: branch.exitCode === 0, output: branch.output };
}

/** The token goes by the environment, where no process list shows it; the user's own git settings stay out. */
function gitEnvironment(url: string, token: string, home: string): Record<string, string> {
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    PATH: process.env.PATH ?? "",
    HOME: home,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `authorization: Basic ${basic}`,
  };
}

async function must(work: Promise<{ exitCode: number; output: string }>): Promise<void> {
  const { exitCode, output } = await work;
  if (exitCode !== 0) throw new Error(`git ended with code ${exitCode}: ${output}`);
}

async function execute(
  argv: string[],
  options: { cwd: string; env: Record<string, string>; signal: AbortSignal },
): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn(argv, {
    ...options,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: TEST_TIMEOUT_MS,
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  options.signal.throwIfAborted();
  return { exitCode, output: `${stdout}${stderr}`.trim().slice(-4000) };
}
