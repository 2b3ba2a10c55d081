import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import type { BetaToolResultContentBlockParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import { betaAgentToolset20260401 } from "@anthropic-ai/sdk/tools/agent-toolset/node";
import { ASK_USER_TOOL, type ContentBlock, type WorkerEvent } from "@farhand/protocol";
import { exitCodeFile, keepExitCode, takeExitCode } from "./exit-code.ts";
import { toolLabel } from "./tool-label.ts";
import { truncate } from "./truncate.ts";

/** What the SDK's shell takes when the model names no time of its own. */
const SHELL_TIMEOUT_MS = 120_000;

/** The SDK's whole answer when a command ends the shell that it runs in. */
const SHELL_GONE = "bash: bash session terminated";
const SHELL_GONE_TOLD =
  "bash: the command ended the shell itself, as exit and exec do, and its output is lost. The next command starts in a new shell, in the repository's folder and without the variables that were set. Put what has to exit into a subshell: ( … ).";

type ToolContent = string | BetaToolResultContentBlockParam[];

interface ToolOutcome {
  content: ToolContent;
  isError: boolean;
  /** Null where there is none, or where it is not known. */
  exitCode: number | null;
}

export interface ToolboxOptions {
  /** Folder of the clone. The file tools cannot leave it but for one other folder. */
  directory: string;
  readableDirectory: string;
  /** The whole environment of the agent's shell. */
  shellEnvironment: Record<string, string>;
  /** Tools of our own, beside the SDK's. */
  ownTools: BetaRunnableTool[];
  report(event: WorkerEvent): void;
  toolTimeoutMs: number;
  toolOutputBytes: number;
}

/**
 * The agent's tools. Each call is reported before and after it runs, is stopped when it takes too long, and gives
 * the model no more output than allowed. Calls run one at a time, in the model's order: two edits of one file
 * that run at once would lose one of them.
 */
export class Toolbox implements Disposable {
  readonly tools: BetaRunnableTool[];
  readonly #options: ToolboxOptions;
  readonly #shell: BetaRunnableTool[];
  readonly #reported = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ToolboxOptions) {
    this.#options = options;
    this.#shell = betaAgentToolset20260401({
      workdir: options.directory,
      env: options.shellEnvironment,
      allowedRoots: [options.readableDirectory],
    });
    this.tools = [...this.#shell, ...options.ownTools].map((tool) => this.#wrap(tool));
  }

  /** Whether the call's end was reported. Calls of tools that do not exist never get here. */
  hasReported(toolUseId: string): boolean {
    return this.#reported.has(toolUseId);
  }

  /** Ends the agent's shell and what runs in its foreground. */
  [Symbol.dispose](): void {
    for (const tool of this.#shell) void tool.close?.();
  }

  #wrap(tool: BetaRunnableTool): BetaRunnableTool {
    return {
      ...tool,
      parse: (input: unknown) => input,
      run: (input: unknown, context) => {
        const signal = context?.signal ?? new AbortController().signal;
        const id = context?.toolUse.id ?? "";
        const mine = this.#last.then(() => this.#call(tool, id, input, signal));
        this.#last = mine.catch(() => undefined);
        return mine;
      },
    };
  }

  async #call(
    tool: BetaRunnableTool,
    toolUseId: string,
    input: unknown,
    signal: AbortSignal,
  ): Promise<ToolContent> {
    signal.throwIfAborted();
    const { report, toolOutputBytes } = this.#options;
    const name = "name" in tool ? tool.name : "";
    report({ type: "tool.started", toolUseId, name, label: toolLabel(name, input) });
    const startedAt = performance.now();
    const outcome = await this.#runWithLimit(tool, name, toolUseId, input, signal);
    // Stopped from outside: the call has no result, and whoever goes on from here is told so.
    signal.throwIfAborted();
    const { content, cutBytes } = shorten(outcome.content, toolOutputBytes);
    if (cutBytes > 0) {
      const message = `The model gets ${toolOutputBytes} bytes of the output of ${name}; ${cutBytes} were cut.`;
      report({ type: "notice", level: "info", code: "output_truncated", message });
    }
    this.#reported.add(toolUseId);
    report({
      type: "tool.finished",
      toolUseId,
      name,
      isError: outcome.isError,
      content: typeof content === "string" ? content : content.map((block): ContentBlock => ({ ...block })),
      durationMs: Math.round(performance.now() - startedAt),
      ...(outcome.exitCode === null ? {} : { exitCode: outcome.exitCode }),
    });
    if (outcome.isError) throw new ToolError(content);
    return content;
  }

  /** People take the time that they need. */
  #limitMs(name: string, input: unknown): number {
    if (name === ASK_USER_TOOL) return Infinity;
    return Math.min(this.#options.toolTimeoutMs, name === "bash" ? shellTimeoutMs(input) : Infinity);
  }

  async #runWithLimit(
    tool: BetaRunnableTool,
    name: string,
    toolUseId: string,
    input: unknown,
    signal: AbortSignal,
  ): Promise<ToolOutcome> {
    const limitMs = this.#limitMs(name, input);
    const stop = new AbortController();
    const timedOut = Promise.withResolvers<ToolOutcome>();
    const onTimeout = () => {
      stop.abort(new Error("out of time"));
      timedOut.resolve({ content: outOfTime(name, limitMs), isError: true, exitCode: null });
    };
    const timer = Number.isFinite(limitMs) ? setTimeout(onTimeout, limitMs) : undefined;
    const codeFile = exitCodeFile();
    try {
      const given = name === "bash" && isFields(input) ? shellInput(input, limitMs, codeFile) : input;
      const toolUse = { type: "tool_use" as const, id: toolUseId, name, input: given };
      const context = { toolUse, toolUseBlock: toolUse, signal: AbortSignal.any([signal, stop.signal]) };
      const running = Promise.resolve()
        .then(() => tool.run(tool.parse(given), context))
        .then(
          (content) => ({ content, isError: false }),
          (error: unknown) => ({ content: errorContent(error), isError: true }),
        );
      const ended = await Promise.race([running, timedOut.promise]);
      const exitCode = name === "bash" ? await takeExitCode(codeFile) : null;
      return stop.signal.aborted ? timedOut.promise : { ...ended, exitCode };
    } finally {
      clearTimeout(timer);
    }
  }
}

function shellTimeoutMs(input: unknown): number {
  const asked = isFields(input) ? input.timeout_ms : undefined;
  return typeof asked === "number" && asked > 0 ? asked : SHELL_TIMEOUT_MS;
}

/**
 * The call as the SDK's shell gets it. The shell's own clock is set past ours, so that one place decides and words
 * the end. The command is sourced from a here-document: it still runs in the one shell, but when it is not whole
 * (an open quote, a missing `fi`) it is an error at once. As it stands, it would swallow the mark that tells the
 * SDK where the output ends; behind `eval`, it would end the shell.
 */
function shellInput(
  input: Record<string, unknown>,
  limitMs: number,
  codeFile: string,
): Record<string, unknown> {
  const given = { ...input, timeout_ms: limitMs + 60_000 };
  if (typeof input.command !== "string" || input.command.trim() === "") return given;
  const end = `END_${crypto.randomUUID()}`;
  return {
    ...given,
    command: `source /dev/fd/9 9<<'${end}'\n${input.command}\n${end}\n${keepExitCode(codeFile)}`,
  };
}

function isFields(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null;
}

function outOfTime(name: string, limitMs: number): string {
  const stopped = `${name}: stopped after ${limitMs / 1000} seconds, because it had not ended.`;
  if (name !== "bash") return stopped;
  return `${stopped} Its shell was killed: the next command starts in a new one, in the repository's folder and without the variables that were set. Run what takes longer in the background with its output in a file.`;
}

function errorContent(error: unknown): ToolContent {
  if (error instanceof ToolError) return error.content === SHELL_GONE ? SHELL_GONE_TOLD : error.content;
  return `Error: ${error instanceof Error ? error.message : String(error)}`;
}

function shorten(content: ToolContent, maxBytes: number): { content: ToolContent; cutBytes: number } {
  if (typeof content === "string") {
    const { text, cutBytes } = truncate(content, maxBytes);
    return { content: text, cutBytes };
  }
  let cutBytes = 0;
  const blocks = content.map((block) => {
    if (block.type !== "text") return block;
    const shortened = truncate(block.text, Math.floor(maxBytes / content.length));
    cutBytes += shortened.cutBytes;
    return { ...block, text: shortened.text };
  });
  return { content: blocks, cutBytes };
}
