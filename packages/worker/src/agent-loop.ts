import type Anthropic from "@anthropic-ai/sdk";
import type { BetaToolRunnerParams } from "@anthropic-ai/sdk/lib/tools/BetaToolRunner";
import type { BetaMessage, BetaMessageParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { AttachmentBlock, ContentBlock, Message, WorkerEvent } from "@farhand/protocol";
import { type AnswerOptions, readAnswer } from "./answer.ts";
import { type AskUser, askUserTool } from "./ask-user-tool.ts";
import type { Attachments } from "./attachments.ts";
import type { Sleep } from "./backoff.ts";
import { addAnswer, addToUser, errorResult, type ToolUse, toolUses } from "./conversation.ts";
import { TurnFailure } from "./failure.ts";
import { finishTool } from "./finish-tool.ts";
import type { KeepOutput } from "./kept-outputs.ts";
import { decide, describeModelError } from "./model-errors.ts";
import { fallbackOutcome, type Outcome } from "./outcome.ts";
import type { Steering, TakenMessage } from "./steering.ts";
import { thinkingFor } from "./thinking.ts";
import { Toolbox } from "./tools.ts";

export interface AgentLoopOptions {
  client: Anthropic;
  model: string;
  system: string;
  /** The conversation so far; it ends with a message of the user. */
  messages: Message[];
  /** Folder of the clone. */
  directory: string;
  /** What lies outside of it and may be read all the same. */
  readableDirectory: string;
  shellEnvironment: Record<string, string>;
  limits: {
    maxOutputTokens: number;
    maxModelCalls: number;
    toolTimeoutMs: number;
    toolOutputBytes: number;
    modelRetries: number;
  };
  /** Brings an event to the disk before it returns. */
  report(event: WorkerEvent): void;
  keepOutput: KeepOutput;
  deltas: AnswerOptions;
  ask: AskUser;
  /** What people say meanwhile. */
  steering: Pick<Steering, "take" | "takeIfTold">;
  /** Puts what they attach in its place behind a conversation. */
  attachments: Pick<Attachments, "placeAfter">;
  sleep: Sleep;
  random: () => number;
  now: () => Date;
  signal: AbortSignal;
}

/** A model call that failed, apart from everything else that may go wrong between two calls. */
class ModelCallFailed extends Error {
  override readonly name = "ModelCallFailed";
}

/**
 * The agent: asks the model, runs the tools that it calls, and goes on until the model is done. It may be run
 * again after it has ended, when somebody has written meanwhile.
 *
 * The SDK's tool runner sends the requests, puts the streams together and runs the tools. The conversation is
 * kept here: what has happened is in it and in the log before the next request is made, so a failed call is
 * repeated by a fresh runner from the same place.
 */
export class AgentLoop implements Disposable {
  readonly #options: AgentLoopOptions;
  readonly #toolbox: Toolbox;
  #messages: Message[];
  #finished: Outcome | null = null;
  #calls = 0;

  constructor(options: AgentLoopOptions) {
    this.#options = options;
    this.#messages = options.messages;
    this.#toolbox = new Toolbox({
      directory: options.directory,
      readableDirectory: options.readableDirectory,
      shellEnvironment: options.shellEnvironment,
      ownTools: [
        finishTool((outcome) => {
          this.#finished = outcome;
        }),
        askUserTool(options.ask),
      ],
      report: options.report,
      keepOutput: options.keepOutput,
      toolTimeoutMs: options.limits.toolTimeoutMs,
      toolOutputBytes: options.limits.toolOutputBytes,
    });
  }

  /** The conversation as it is now. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** Has everything that waits delivered into the conversation. @returns whether there was anything. */
  async takeMessages(): Promise<boolean> {
    return await this.#hear(await this.#options.steering.take());
  }

  /**
   * Runs until the model is done.
   *
   * @throws TurnFailure when the model cannot be asked or gives up; the signal's reason when it aborts.
   */
  async run(): Promise<Outcome> {
    const { client, signal, limits, report, model, random, sleep, now, steering } = this.#options;
    let retries = 0;
    for (;;) {
      await this.#hear(await steering.takeIfTold());
      if (this.#calls >= limits.maxModelCalls) return this.#outOfCalls();
      // Whatever is done in the loop's body replaces the runner's own history; it never goes on by itself.
      const runner = client.beta.messages.toolRunner({ ...this.#params(), stream: true }, { signal });
      try {
        for await (const stream of runner) {
          const answer = await this.#read(stream);
          retries = 0;
          this.#calls += 1;
          const outcome = await this.#handle(answer, () => runner.generateToolResponse(signal));
          if (outcome) return outcome;
          if (this.#calls >= limits.maxModelCalls) return this.#outOfCalls();
          runner.setMessagesParams((params) => ({ ...params, messages: this.#requestMessages() }));
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ModelCallFailed)) throw error;
        const trouble = describeModelError(error.cause, now());
        const decision = decide(trouble, { model, retries, maxRetries: limits.modelRetries, random });
        if (decision.action === "fail") {
          const { code, message, action, retryable } = decision.failure;
          throw new TurnFailure(code, message, action, retryable, { cause: error.cause });
        }
        retries += 1;
        const seconds = Math.ceil(decision.delayMs / 1000);
        report({
          type: "notice",
          level: "warning",
          code: "model_retry",
          message: `Asking the model again in ${seconds} s (try ${retries} of ${limits.modelRetries}), because ${decision.reason}. What it had begun to say is dropped.`,
        });
        await sleep(decision.delayMs, signal);
      }
    }
  }

  /** Ends the agent's shell and what runs in its foreground. */
  [Symbol.dispose](): void {
    this.#toolbox[Symbol.dispose]();
  }

  #params(): BetaToolRunnerParams & { thread: false } {
    const { model, system, limits } = this.#options;
    const thinking = thinkingFor(model);
    return {
      model,
      ...(thinking ? { thinking } : {}),
      max_tokens: limits.maxOutputTokens,
      // Two cache marks: one after the tools and these instructions, and one that the API moves along with the
      // conversation's end by itself.
      system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
      cache_control: { type: "ephemeral" },
      messages: this.#requestMessages(),
      tools: this.#toolbox.tools,
      thread: false,
      runToolsEagerly: false,
    };
  }

  #requestMessages(): BetaMessageParam[] {
    return this.#messages as BetaMessageParam[];
  }

  async #read(stream: Parameters<typeof readAnswer>[0]): Promise<BetaMessage> {
    try {
      return await readAnswer(stream, this.#options.deltas);
    } catch (error) {
      throw new ModelCallFailed("the model call failed", { cause: error });
    }
  }

  /** Takes one whole answer. @returns the turn's outcome, or null when the model is to be asked again. */
  async #handle(answer: BetaMessage, runTools: () => Promise<unknown>): Promise<Outcome | null> {
    const { report, model, limits, signal } = this.#options;
    const content = structuredContent(answer);
    report({
      type: "assistant.message",
      messageId: answer.id,
      model: answer.model,
      content,
      stopReason: answer.stop_reason,
    });
    this.#messages = addAnswer(this.#messages, content);
    const uses = toolUses(content);

    switch (answer.stop_reason) {
      case "refusal":
        throw new TurnFailure(
          "model_request_refused",
          `The model ${model} declined to go on with this task.`,
          "Say the task in other words, or choose another model.",
          false,
        );
      case "model_context_window_exceeded":
        throw new TurnFailure(
          "model_request_refused",
          `The conversation has outgrown what the model ${model} can hold.`,
          "Start a new task with what is left to do; the work so far is on the task's branch.",
          false,
        );
      case "pause_turn":
        return null;
      case "max_tokens":
        report({
          type: "notice",
          level: "warning",
          code: "answer_cut",
          message: `The model's answer was cut off at its limit of ${limits.maxOutputTokens} tokens.`,
        });
        for (const use of uses) this.#refuseCutCall(use.id, use.name);
        break;
      default:
        if (uses.length > 0) await this.#runTools(uses, runTools);
    }

    signal.throwIfAborted();
    const finished = this.#finished;
    this.#finished = null;
    if (finished === null && uses.length > 0) {
      await this.#hear(await this.#options.steering.takeIfTold());
      return null;
    }
    const outcome = finished ?? fallbackOutcome(this.#messages);
    // The last chance for what was written meanwhile, also where word of it is still on its way.
    return (await this.takeMessages()) ? null : outcome;
  }

  async #hear(messages: readonly TakenMessage[]): Promise<boolean> {
    const { attachments, signal } = this.#options;
    for (const message of messages) {
      const said = await attachments.placeAfter(this.#messages, saidIn(message), signal);
      this.#messages = addToUser(this.#messages, said);
    }
    return messages.length > 0;
  }

  async #runTools(uses: ToolUse[], runTools: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#options;
    const response = (await runTools()) as Message | null;
    signal.throwIfAborted();
    if (!response) return;
    this.#messages = addToUser(this.#messages, response.content);
    // The runner itself answers calls of tools that do not exist.
    for (const block of response.content) {
      const use = uses.find(({ id }) => id === block.tool_use_id);
      if (!use || this.#toolbox.hasReported(use.id)) continue;
      this.#reportRefused(use.id, use.name, typeof block.content === "string" ? block.content : "");
    }
  }

  #refuseCutCall(toolUseId: string, name: string): void {
    const { maxOutputTokens } = this.#options.limits;
    const content = `Not run: the answer was cut off at its limit of ${maxOutputTokens} tokens. Do it in smaller pieces.`;
    this.#messages = addToUser(this.#messages, [errorResult(toolUseId, content)]);
    this.#reportRefused(toolUseId, name, content);
  }

  #reportRefused(toolUseId: string, name: string, content: string): void {
    this.#options.report({ type: "tool.finished", toolUseId, name, isError: true, content, durationMs: 0 });
  }

  #outOfCalls(): Outcome {
    const { maxModelCalls } = this.#options.limits;
    this.#options.report({
      type: "notice",
      level: "warning",
      code: "call_limit",
      message: `The turn ends here, because the model was asked ${maxModelCalls} times, which is the most allowed.`,
    });
    return fallbackOutcome(this.#messages);
  }
}

/** As the coordinator puts it into the conversation. */
function saidIn({ text, attachments = [] }: TakenMessage): ContentBlock[] {
  const marks = attachments.map((it): AttachmentBlock => ({ type: "farhand_attachment", ...it }));
  return [...marks, { type: "text", text }];
}

/** The answer's blocks as plain data, as they go into the log and back to the API. */
function structuredContent(answer: BetaMessage): ContentBlock[] {
  return JSON.parse(JSON.stringify(answer.content)) as ContentBlock[];
}
