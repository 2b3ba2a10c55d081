import { stripVTControlCharacters } from "node:util";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import { Printed } from "./printed.ts";
import { Shell, type ShellOptions } from "./shell.ts";

export const SHELL_TOOL = "bash";

/** What the model is told of every shell that is gone. */
export const NEW_SHELL =
  "the next command starts in a new one, in the repository's folder and without the variables that were set.";

/** One command: what it printed, also where it was stopped, and its exit code where it is known. */
export interface ShellRun {
  readonly printed: Printed;
  exitCode: number | null;
}

/**
 * The agent's shell as a tool. Its name, its input and its answers are those of the SDK's tool, which the models know. The
 * time that `timeout_ms` gives a command is the toolbox's to watch, as it is with every tool.
 */
export class ShellTool implements Disposable {
  readonly tool: BetaRunnableTool;
  readonly #shell: Shell;
  #run: ShellRun | null = null;

  constructor(options: ShellOptions) {
    this.#shell = new Shell(options);
    this.tool = betaTool({
      name: SHELL_TOOL,
      description: "Run a bash command in a persistent shell. State (cwd, env vars) persists across calls.",
      inputSchema: {
        type: "object",
        properties: {
          command: { type: "string", description: "The command to run" },
          restart: { type: "boolean", description: "Restart the persistent shell before running" },
          timeout_ms: { type: "integer", description: "Per-call timeout in milliseconds" },
        },
      },
      run: async ({ command, restart }, context) => {
        if (restart) this.#shell[Symbol.dispose]();
        if (typeof command === "string" && command.trim() !== "")
          return await this.#execute(command, context?.signal ?? new AbortController().signal);
        if (restart) return "bash session restarted";
        throw new ToolError("bash: command is required");
      },
    });
  }

  /** The last command that was begun; null when there was none since this was last asked. */
  takeRun(): ShellRun | null {
    const run = this.#run;
    this.#run = null;
    return run;
  }

  [Symbol.dispose](): void {
    this.#shell[Symbol.dispose]();
  }

  async #execute(command: string, signal: AbortSignal): Promise<string> {
    const run: ShellRun = { printed: new Printed(), exitCode: null };
    this.#run = run;
    const { exitCode, endedShell } = await this.#shell.run(command, run.printed, signal);
    run.exitCode = exitCode;
    const text = plainText(run.printed);
    if (endedShell) throw new ToolError(`${text}${text && "\n"}${shellEnded(exitCode)}`);
    if (exitCode !== 0) throw new ToolError(text || `exit ${exitCode}`);
    return text;
  }
}

/** As the model gets it: colours say nothing to it, and cost tokens. */
export function plainText(printed: Printed): string {
  return stripVTControlCharacters(printed.text()).replace(/\n+$/, "");
}

function shellEnded(exitCode: number | null): string {
  const how = exitCode === null ? "was killed" : `ended with code ${exitCode}`;
  return `bash: the shell itself ${how}, as exit and exec make it: ${NEW_SHELL} Put what has to exit into a subshell: ( … ).`;
}
