import { stripVTControlCharacters } from "node:util";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import type { BetaToolResultContentBlockParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import {
  betaEditTool,
  betaGlobTool,
  betaGrepTool,
  betaReadTool,
  betaWriteTool,
} from "@anthropic-ai/sdk/tools/agent-toolset/node";
import { ASK_USER_TOOL, type ContentBlock, type WorkerEvent } from "@farhand/protocol";
import type { KeepOutput } from "./kept-outputs.ts";
import { NEW_SHELL, plainText, SHELL_TOOL, type ShellRun, ShellTool } from "./shell-tool.ts";
import { toolLabel } from "./tool-label.ts";
import { truncate } from "./truncate.ts";

/** How long a command in the shell may take when the model names no time of its own. */
const SHELL_TIMEOUT_MS = 120_000;

type ToolContent = string | BetaToolResultContentBlockParam[];

interface ToolOutcome {
  content: ToolContent;
  isError: boolean;
  /** Of a command in the shell. */
  run: ShellRun | null;
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
  keepOutput: KeepOutput;
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
  readonly #shell: ShellTool;
  readonly #reported = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ToolboxOptions) {
    this.#options = options;
    this.#shell = new ShellTool({ directory: options.directory, environment: options.shellEnvironment });
    const place = { workdir: options.directory, allowedRoots: [options.readableDirectory] };
    const fileTools = [betaReadTool, betaWriteTool, betaEditTool, betaGlobTool, betaGrepTool];
    this.tools = [this.#shell.tool, ...fileTools.map((make) => make(place)), ...options.ownTools].map(
      (tool) => this.#wrap(tool),
    );
  }

  /** Whether the call's end was reported. Calls of tools that do not exist never get here. */
  hasReported(toolUseId: string): boolean {
    return this.#reported.has(toolUseId);
  }

  /** Ends the agent's shell and what runs in its foreground. */
  [Symbol.dispose](): void {
    this.#shell[Symbol.dispose]();
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
    const full = fullOutput(outcome);
    // Kept before it is reported: what an event names is there.
    const isKept =
      (cutBytes > 0 || full.hasControls) && (await this.#options.keepOutput(toolUseId, full.text, signal));
    if (cutBytes > 0) {
      const message = `The model gets ${toolOutputBytes} of the ${full.sizeBytes} bytes that ${name} gave.`;
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
      ...(typeof outcome.run?.exitCode === "number" ? { exitCode: outcome.run.exitCode } : {}),
      ...(isKept ? { output: { sizeBytes: full.sizeBytes, keptBytes: Buffer.byteLength(full.text) } } : {}),
    });
    if (outcome.isError) throw new ToolError(content);
    return content;
  }

  /** People take the time that they need. */
  #limitMs(name: string, input: unknown): number {
    if (name === ASK_USER_TOOL) return Infinity;
    return Math.min(this.#options.toolTimeoutMs, name === SHELL_TOOL ? shellTimeoutMs(input) : Infinity);
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
    const timedOut = Promise.withResolvers<"late">();
    const onTimeout = () => {
      stop.abort(new Error("out of time"));
      timedOut.resolve("late");
    };
    const timer = Number.isFinite(limitMs) ? setTimeout(onTimeout, limitMs) : undefined;
    try {
      const toolUse = { type: "tool_use" as const, id: toolUseId, name, input };
      const context = { toolUse, toolUseBlock: toolUse, signal: AbortSignal.any([signal, stop.signal]) };
      const running = Promise.resolve()
        .then(() => tool.run(tool.parse(input), context))
        .then(
          (content) => ({ content, isError: false }),
          (error: unknown) => ({ content: errorContent(error), isError: true }),
        );
      const ended = await Promise.race([running, timedOut.promise]);
      const run = this.#shell.takeRun();
      if (!stop.signal.aborted && ended !== "late") return { ...ended, run };
      return { content: outOfTime(name, limitMs, run), isError: true, run };
    } finally {
      clearTimeout(timer);
    }
  }
}

function shellTimeoutMs(input: unknown): number {
  const asked = isFields(input) ? input.timeout_ms : undefined;
  return typeof asked === "number" && asked > 0 ? asked : SHELL_TIMEOUT_MS;
}

function isFields(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null;
}

function outOfTime(name: string, limitMs: number, run: ShellRun | null): string {
  const stopped = `${name}: stopped after ${limitMs / 1000} seconds, because it had not ended.`;
  if (name !== SHELL_TOOL) return stopped;
  const text = run ? plainText(run.printed) : "";
  const advice = `Its shell was killed: ${NEW_SHELL} Run what takes longer in the background with its output in a file.`;
  return `${stopped} ${advice}${text && `\nUntil then it printed:\n${text}`}`;
}

function errorContent(error: unknown): ToolContent {
  if (error instanceof ToolError) return error.content;
  return `Error: ${error instanceof Error ? error.message : String(error)}`;
}

/** All that there is to see of what came of a call, for people. */
function fullOutput({ content, run }: ToolOutcome) {
  if (run) {
    const text = run.printed.text();
    return { text, sizeBytes: run.printed.sizeBytes, hasControls: stripVTControlCharacters(text) !== text };
  }
  const texts = typeof content === "string" ? [content] : content.flatMap(textOf);
  const text = texts.join("\n").toWellFormed();
  return { text, sizeBytes: Buffer.byteLength(text), hasControls: false };
}

const textOf = (block: BetaToolResultContentBlockParam) => (block.type === "text" ? [block.text] : []);

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
