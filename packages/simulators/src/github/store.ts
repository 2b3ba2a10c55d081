import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";

export interface PullRequest {
  number: number;
  title: string;
  body: string | null;
  author: string;
  state: "open" | "closed";
  draft: boolean;
  head: string;
  base: string;
  /** Tips as they were when it was opened; a deleted branch keeps showing them. */
  headSha: string;
  baseSha: string;
  createdAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
}

export interface Repository {
  id: number;
  owner: string;
  name: string;
  path: string;
  private: boolean;
  defaultBranch: string;
  /** Logins that may see it when it is private, and write to it. */
  collaborators: readonly string[];
  protectedBranches: readonly string[];
  pulls: PullRequest[];
  createdAt: Date;
  /** Last push over HTTP, or when it was added. */
  pushedAt: Date;
}

export interface RepositoryOptions {
  private?: boolean;
  /** `main` unless told. */
  defaultBranch?: string;
  /** Beside the owner; everybody with a token unless told. */
  collaborators?: readonly string[];
  /** Branches that nobody may push to. */
  protectedBranches?: readonly string[];
}

/** Repositories and their pull requests; the git side of them is bare repositories under one folder. */
export class Store {
  readonly #root: string;
  readonly #logins: readonly string[];
  readonly #repositories = new Map<string, Repository>();

  constructor(root: string, logins: readonly string[]) {
    this.#root = root;
    this.#logins = logins;
  }

  /** Copies a repository in, or makes an empty one when `from` is null. */
  async add(
    owner: string,
    name: string,
    from: string | null,
    options: RepositoryOptions,
  ): Promise<Repository> {
    const path = join(this.#root, owner, `${name}.git`);
    const defaultBranch = options.defaultBranch ?? "main";
    await mkdir(join(this.#root, owner), { recursive: true });
    const made =
      from === null
        ? await git(this.#root, "init", "--quiet", "--bare", path)
        : await git(this.#root, "clone", "--quiet", "--bare", "--no-hardlinks", from, path);
    if (made.code !== 0) throw new Error(`the repository ${owner}/${name} cannot be made: ${made.stderr}`);
    await git(path, "symbolic-ref", "HEAD", `refs/heads/${defaultBranch}`);
    await protect(path, options.protectedBranches ?? []);
    const repository: Repository = {
      id: this.#repositories.size + 1,
      owner,
      name,
      path,
      private: options.private ?? false,
      defaultBranch,
      collaborators: [owner, ...(options.collaborators ?? this.#logins)],
      protectedBranches: options.protectedBranches ?? [],
      pulls: [],
      createdAt: new Date(),
      pushedAt: new Date(),
    };
    this.#repositories.set(keyOf(owner, name), repository);
    return repository;
  }

  /** Those that are the login's own or that it works on, the last pushed to first. */
  ofLogin(login: string): Repository[] {
    return [...this.#repositories.values()]
      .filter((repository) => mayWrite(repository, login))
      .sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime() || b.id - a.id);
  }

  /** The repository if that login may see it. */
  visible(owner: string, name: string, login: string | null): Repository | null {
    const repository = this.#repositories.get(keyOf(owner, name));
    if (repository === undefined) return null;
    return !repository.private || mayWrite(repository, login) ? repository : null;
  }
}

export function mayWrite(repository: Repository, login: string | null): boolean {
  return login !== null && repository.collaborators.includes(login);
}

function keyOf(owner: string, name: string): string {
  return `${owner}/${name}`.toLowerCase();
}

/** Refuses pushes to the given branches as GitHub does. */
async function protect(path: string, branches: readonly string[]): Promise<void> {
  if (branches.length === 0) return;
  const refs = branches.map((branch) => `refs/heads/${branch}`);
  const hook = join(path, "hooks", "pre-receive");
  await mkdir(join(path, "hooks"), { recursive: true });
  await writeFile(
    hook,
    `#!/bin/sh
while read -r old new ref; do
  case "$ref" in
  ${refs.map((ref) => `"${ref}"`).join("|")})
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
    ;;
  esac
done
`,
  );
  await chmod(hook, 0o755);
}
