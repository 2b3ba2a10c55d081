/** What saving and restoring need of git and of the database. `backup.ts` joins them. */
export interface BackupTools {
  /** Runs git to the end, in an environment in which it runs nothing that a repository names. */
  git(command: GitCommand): Promise<GitOutcome>;
  /** Copies a database as it is at one moment, also while somebody writes to it. */
  copyDatabase(from: string, to: string): void;
  checkDatabase(path: string): { damage: string | null; migrations: string[] };
  /** Task id → the commits that its rows point to. */
  commitsOfTasks(path: string): ReadonlyMap<string, ReadonlySet<string>>;
  /** The schema's migrations that this program knows, in their order. */
  knownMigrations: readonly string[];
  /** Farhand's version. */
  version: string;
}

export interface GitCommand {
  args: string[];
  /** The bare repository to work in. */
  repository?: string;
  signal?: AbortSignal;
}

export interface GitOutcome {
  exitCode: number | null;
  stdout: Uint8Array;
  stderr: string;
}

/** A step of long work, for whoever watches. */
export interface Progress {
  step: "database" | "repositories" | "files" | "archive" | "unpack" | "verify";
  detail: string;
  done: number;
  total: number;
}

export type Report = (progress: Progress) => void;

/** Standard output of a git command that has no reason to fail. */
export async function readGit(tools: Pick<BackupTools, "git">, command: GitCommand): Promise<string> {
  const { exitCode, stdout, stderr } = await tools.git(command);
  if (exitCode !== 0)
    throw new Error(`git ${command.args[0] ?? ""} ended with ${exitCode}: ${stderr.trim().slice(-500)}`);
  return new TextDecoder().decode(stdout).trim();
}
