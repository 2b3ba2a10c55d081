import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Printed } from "./printed.ts";

/** How long the rest of a shell's output is waited for once it has ended: what it left behind may hold the pipe open. */
const LAST_OUTPUT_MS = 200;

export interface ShellOptions {
  /** Where each new shell starts. */
  directory: string;
  /** The whole environment, but for what keeps the shell from asking and drawing. */
  environment: Record<string, string>;
}

export interface CommandEnd {
  /** Null where a signal ended the shell. */
  exitCode: number | null;
  /** The command ended the shell itself. The next one starts in a new shell. */
  endedShell: boolean;
}

/**
 * A bash that lives from command to command, with its folder, its variables and its jobs. It is talked to through pipes,
 * so that nothing is echoed. The SDK's own shell is not used: it strips colours, keeps the last 100 KiB, does not tell
 * exit codes, and loses what a command had printed when that is stopped or ends the shell.
 */
export class Shell implements Disposable {
  readonly #options: ShellOptions;
  #process: ChildProcessByStdio<Writable, Readable, null> | null = null;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /**
   * Runs one command at a time, and brings what it prints to `printed`, errors and output in one.
   *
   * @throws the signal's reason when it aborts: the shell and what runs in its foreground are killed. An error where there
   * is no bash to be started.
   */
  async run(command: string, printed: Printed, signal: AbortSignal): Promise<CommandEnd> {
    signal.throwIfAborted();
    this.#process ??= this.#start();
    const shell = this.#process;
    const ended = Promise.withResolvers<CommandEnd>();
    const mark = new Mark(printed, (exitCode) => ended.resolve({ exitCode, endedShell: false }));
    const onOutput = (chunk: Buffer) => mark.push(chunk);
    shell.stdout.on("data", onOutput);
    const onExit = async (exitCode: number | null) => {
      await Promise.race([new Promise((resolve) => shell.once("close", resolve)), Bun.sleep(LAST_OUTPUT_MS)]);
      mark.end();
      ended.resolve({ exitCode, endedShell: true });
    };
    const onAbort = () => ended.reject(signal.reason);
    shell.once("exit", onExit);
    shell.once("error", ended.reject);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      shell.stdin.write(scriptOf(command, mark.text));
      return await ended.promise;
    } catch (error) {
      mark.end();
      this[Symbol.dispose]();
      throw error;
    } finally {
      shell.stdout.off("data", onOutput);
      shell.off("exit", onExit);
      shell.off("error", ended.reject);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the shell and what runs in its foreground. The next command starts in a new one. */
  [Symbol.dispose](): void {
    const shell = this.#process;
    this.#process = null;
    if (!shell?.pid) return;
    shell.stdout.destroy();
    shell.stdin.destroy();
    try {
      // The whole group.
      process.kill(-shell.pid, "SIGKILL");
    } catch {
      shell.kill("SIGKILL");
    }
    shell.unref();
  }

  #start() {
    const shell = spawn("/bin/bash", ["--noprofile", "--norc"], {
      cwd: existing(this.#options.directory),
      env: { ...this.#options.environment, PS1: "", PS2: "", TERM: "dumb" },
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    // What a job prints while no command runs is nobody's, and is read all the same.
    shell.stdout.on("data", () => undefined);
    // A shell that is gone takes no more input, and its end is told by `exit`.
    shell.stdin.on("error", () => undefined);
    const gone = () => {
      if (this.#process === shell) this.#process = null;
    };
    shell.once("exit", gone);
    // Whoever has a command in it hears of it too.
    shell.on("error", gone);
    shell.stdin.write("exec 8>&1\n");
    return shell;
  }
}

/** An agent can remove the folder that it works in, and then needs a shell to make it again. */
const existing = (directory: string): string =>
  existsSync(directory) ? directory : existing(dirname(directory));

/**
 * The command as bash gets it. It is sourced from a here-document: it still runs in the one shell, but when it is not
 * whole (an open quote, a missing `fi`) it is an error at once. As it stands, it would swallow the mark; behind `eval`, it
 * would end the shell. What it reads is empty. Where its output goes is set anew each time, so that an `exec >file` of one
 * command does not silence the next. Nothing that the agent names as our words breaks them: `\builtin` is no alias, and looks
 * for no function. The mark is printed where neither `set -x` nor a trap for errors shows it.
 */
function scriptOf(command: string, mark: string): string {
  const end = `END_${crypto.randomUUID()}`;
  return [
    `{ \\builtin source /dev/fd/9 9<<'${end}'`,
    command,
    end,
    "} </dev/null >&8 2>&1 8>&-",
    `{ \\builtin printf '\\n%s%d\\n' '${mark}' "$?"; } >&8 2>/dev/null`,
    "",
  ].join("\n");
}

/** Finds the end of a command in what the shell prints, and passes on all that comes before it. */
class Mark {
  /** New for each command, which can therefore not print it. */
  readonly text = `__END_${crypto.randomUUID()}_`;
  readonly #line = Buffer.from(`\n${this.text}`);
  readonly #printed: Printed;
  readonly #onFound: (exitCode: number) => void;
  /** What may be the beginning of the mark. */
  #held: Buffer = Buffer.alloc(0);

  constructor(printed: Printed, onFound: (exitCode: number) => void) {
    this.#printed = printed;
    this.#onFound = onFound;
  }

  push(chunk: Buffer): void {
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const at = all.indexOf(this.#line);
    const passed = at === -1 ? Math.max(0, all.length - this.#line.length + 1) : at;
    if (passed > 0) this.#printed.push(all.subarray(0, passed));
    this.#held = all.subarray(passed);
    if (at === -1) return;
    const code = /^(\d+)\n/.exec(this.#held.subarray(this.#line.length).toString("latin1"))?.[1];
    if (code === undefined) return;
    this.#held = Buffer.alloc(0);
    this.#onFound(Number(code));
  }

  /** The mark will not come: what was held back is output as well. */
  end(): void {
    if (this.#held.length > 0) this.#printed.push(this.#held);
    this.#held = Buffer.alloc(0);
  }
}
