import type { Assignment, WorkerEvent } from "@farhand/protocol";
import type { AgentLoop } from "./agent-loop.ts";
import type { Attachments } from "./attachments.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { answerInterrupted, INTERRUPTED } from "./conversation.ts";
import { Deltas } from "./deltas.ts";
import { shellEnvironment } from "./environment.ts";
import { TurnFailure, toFailure } from "./failure.ts";
import type { GatewayClient } from "./gateway-client.ts";
import { keepOutputs } from "./kept-outputs.ts";
import { fallbackOutcome, finishedOutcome, type Outcome } from "./outcome.ts";
import { askByLog } from "./questions.ts";
import type { Steering } from "./steering.ts";
import { readGuide, systemPrompt } from "./system-prompt.ts";
import type { Kept, loadAgent } from "./turn-context.ts";
import type { WorkTree } from "./work-tree.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** Longest silence in the middle of an answer. The API sends a sign of life every few seconds. */
const SILENCE_MS = 2 * 60_000;

type Agent = Awaited<ReturnType<typeof loadAgent>>;

export interface AgentRunOptions extends Agent {
  worker: WorkerOptions;
  gateway: GatewayClient;
  assignment: Assignment;
  tree: WorkTree;
  checkpoints: Checkpoints;
  steering: Steering;
  attachments: Attachments;
  attachmentsDirectory: string;
  kept: Kept;
  home: string;
  proxyUrl: string;
  report(event: WorkerEvent): void;
  signal: AbortSignal;
}

/** The part of a turn in which the agent works and its work is pushed, once the work tree is there. */
export class AgentRun {
  readonly #options: AgentRunOptions;

  constructor(options: AgentRunOptions) {
    this.#options = options;
  }

  /** @throws TurnFailure when the agent fails, with its work pushed; the signal's reason when it aborts. */
  async toItsEnd(): Promise<Outcome> {
    const { gateway, steering } = this.#options;
    const messages = await this.#conversation();
    const system = await this.#system();
    await using deltas = new Deltas((pieces, signal) => gateway.postDeltas(pieces, signal));
    using agent = this.#agent(system, messages, deltas);

    // An earlier attempt may have got as far as the end.
    const before = finishedOutcome(messages);
    let outcome = before === null || (await agent.takeMessages()) ? await this.#run(agent) : before;
    await this.#publish(outcome);
    // Somebody may have written while the work was pushed: then the turn goes on.
    while (steering.isTold && (await agent.takeMessages())) {
      outcome = await this.#run(agent);
      await this.#publish(outcome);
    }
    return outcome;
  }

  #agent(system: string, messages: AgentLoop["messages"], deltas: Deltas): AgentLoop {
    const {
      AgentLoop,
      modelClient,
      worker,
      gateway,
      assignment,
      tree,
      home,
      proxyUrl,
      steering,
      attachments,
      attachmentsDirectory,
      report,
      signal,
    } = this.#options;
    const { token, path, authorities } = worker.environment;
    return new AgentLoop({
      client: modelClient(gateway, { token, silenceMs: SILENCE_MS }),
      model: assignment.model,
      system,
      messages: [...messages],
      directory: tree.directory,
      readableDirectory: attachmentsDirectory,
      shellEnvironment: shellEnvironment({
        path,
        home,
        author: assignment.author,
        extra: assignment.environment,
        authorities,
        proxyUrl,
      }),
      limits: assignment.limits,
      report,
      keepOutput: keepOutputs({
        put: (toolUseId, text, signal) => gateway.putOutput(toolUseId, text, signal),
        sleep: worker.sleep,
        random: worker.random,
      }),
      deltas: { onDelta: (delta) => deltas.push(delta), onEnd: (messageId) => deltas.drop(messageId) },
      steering,
      attachments,
      ask: askByLog({
        report,
        outcome: (questionId, signal) => gateway.questionOutcome(questionId, signal),
        sleep: worker.sleep,
        random: worker.random,
      }),
      sleep: worker.sleep,
      random: worker.random,
      now: worker.now,
      signal,
    });
  }

  /** Lets the agent work. Nothing of it runs on afterwards. */
  async #run(agent: AgentLoop): Promise<Outcome> {
    try {
      return await this.#options.checkpoints.during(() => agent.run());
    } catch (error) {
      agent[Symbol.dispose]();
      if (error instanceof TurnFailure) await this.#keep(fallbackOutcome(agent.messages));
      throw error;
    } finally {
      agent[Symbol.dispose]();
    }
  }

  async #system(): Promise<string> {
    const { kept, tree, assignment } = this.#options;
    if (kept.system === null) {
      const guide = await readGuide(tree, assignment.baseCommit);
      kept.system = systemPrompt({ ...assignment, directory: tree.directory }, guide);
    }
    return kept.system;
  }

  /** The conversation to go on from. One that was cut in the middle of a call would be refused by the model. */
  async #conversation(): Promise<AgentLoop["messages"]> {
    const { messages, interrupted } = answerInterrupted(this.#options.assignment.messages);
    for (const use of interrupted) {
      this.#options.report({
        type: "tool.finished",
        toolUseId: use.id,
        name: use.name,
        isError: true,
        content: INTERRUPTED,
        durationMs: 0,
      });
    }
    return await this.#options.attachments.place(messages, this.#options.signal);
  }

  /** Commits what is left, pushes the branch, and says so. */
  async #publish(outcome: Outcome): Promise<void> {
    const { tree, assignment, report } = this.#options;
    const { branch, baseCommit } = assignment;
    const skipped = await tree.commitAll(outcome.title);
    if (skipped !== null) {
      const message = `Some files could not be committed: ${skipped}`;
      report({ type: "notice", level: "warning", code: "commit_incomplete", message });
    }
    if (!(await tree.hasCommitsSince(baseCommit))) {
      report({ type: "branch.pushed", branch, commit: null });
      return;
    }
    await tree.push(branch);
    report({ type: "branch.pushed", branch, commit: await tree.head() });
  }

  /** Pushes the work of an agent that failed. What fails here hides nothing. */
  async #keep(outcome: Outcome): Promise<void> {
    const { report, signal } = this.#options;
    try {
      await this.#publish({ ...outcome, title: `Unfinished: ${outcome.title}` });
    } catch (error) {
      signal.throwIfAborted();
      const { message } = toFailure(error);
      report({ type: "notice", level: "warning", code: "work_not_kept", message });
    }
  }
}
