import { mkdir } from "node:fs/promises";

export interface ImportedCommit {
  branch: string;
  message: string;
  author: { name: string; email: string };
  /** Since the epoch; the zone is UTC. */
  seconds: number;
  /** Path → content of each file that the commit adds or changes. */
  files: ReadonlyMap<string, string>;
}

/** Writes commits into a new bare repository through `git fast-import`, thousands a second. */
export class FastImport implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "ignore", "pipe">;

  private constructor(child: Bun.Subprocess<"pipe", "ignore", "pipe">) {
    this.#child = child;
  }

  /** Makes the repository at `path`, whose default branch is `main`. */
  static async start(path: string): Promise<FastImport> {
    await mkdir(path, { recursive: true });
    const init = Bun.spawn(["git", "init", "--quiet", "--bare", "--initial-branch=main", path], {
      env: GIT_ENVIRONMENT,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    if ((await init.exited) !== 0) throw new Error(`git init: ${await new Response(init.stderr).text()}`);
    const child = Bun.spawn(["git", "fast-import", "--quiet", "--done"], {
      cwd: path,
      env: GIT_ENVIRONMENT,
      stdin: "pipe",
      stdout: "ignore",
      stderr: "pipe",
    });
    return new FastImport(child);
  }

  commit(commit: ImportedCommit): void {
    const who = `${commit.author.name} <${commit.author.email}> ${commit.seconds} +0000`;
    let text = `commit refs/heads/${commit.branch}\nauthor ${who}\ncommitter ${who}\n${data(commit.message)}`;
    for (const [path, content] of commit.files) text += `M 100644 inline ${path}\n${data(content)}`;
    this.#child.stdin.write(`${text}\n`);
  }

  /** Throws when git refused something. */
  async finish(): Promise<void> {
    this.#child.stdin.write("done\n");
    await this.#child.stdin.end();
    const stderr = await new Response(this.#child.stderr).text();
    if ((await this.#child.exited) !== 0) throw new Error(`git fast-import: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
  }
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

const GIT_ENVIRONMENT = {
  PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};
