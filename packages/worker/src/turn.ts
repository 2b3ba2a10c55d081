import { join } from "node:path";
import { type Assignment, PROTOCOL_VERSION, WorkerExit } from "@farhand/protocol";
import { type BackoffSettings, backoffMs } from "./backoff.ts";
import { addToUser, answerInterrupted, INTERRUPTED } from "./conversation.ts";
import { Deltas } from "./deltas.ts";
import { gitIdentity, shellEnvironment } from "./environment.ts";
import { TurnFailure, toFailure, WorkerStop } from "./failure.ts";
import { Forwarder } from "./forwarder.ts";
import { GatewayAway, type GatewayClient } from "./gateway-client.ts";
import { Git } from "./git.ts";
import type { Inbox } from "./inbox.ts";
import { fallbackOutcome, finishedOutcome, type Outcome } from "./outcome.ts";
import type { Reporter } from "./reporter.ts";
import type { Spool } from "./spool.ts";
import { readGuide, systemPrompt } from "./system-prompt.ts";
import { WorkTree } from "./work-tree.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** Longest that one git command of the worker's own may take. */
const GIT_TIMEOUT_MS = 10 * 60_000;
/** Longest silence in the middle of an answer. The API sends a sign of life every few seconds. */
const SILENCE_MS = 2 * 60_000;
const ASSIGNMENT_BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

/** Loads the agent with the SDK, which is half of the program, while the repository is being cloned. */
async function loadAgent() {
  const [{ AgentLoop }, { modelClient }] = await Promise.all([
    import("./agent-loop.ts"),
    import("./model-client.ts"),
  ]);
  return { AgentLoop, modelClient };
}

/** One turn, from the assignment to its last event. */
export class Turn {
  readonly #options: WorkerOptions;
  readonly #gateway: GatewayClient;
  readonly #reporter: Reporter;
  readonly #inbox: Inbox;
  readonly #spool: Spool;
  readonly #home: string;

  constructor(
    options: WorkerOptions,
    gateway: GatewayClient,
    reporter: Reporter,
    inbox: Inbox,
    spool: Spool,
    home: string,
  ) {
    this.#options = options;
    this.#gateway = gateway;
    this.#reporter = reporter;
    this.#inbox = inbox;
    this.#spool = spool;
    this.#home = home;
  }

  async run(): Promise<void> {
    const { environment, stop, sleep, random, version, elapsedMs } = this.#options;
    const { signal } = stop;
    const before = this.#spool.recovered.map(({ event }) => event.type);
    if (before.includes("turn.finished") || before.includes("turn.failed")) return;
    this.#reporter.report({ type: "worker.ready", version, startMs: Math.round(elapsedMs() * 10) / 10 });
    const loading = loadAgent();
    // The assignment is made from the log: what an earlier process has left must be in it first.
    if (before.length > 0) await this.#reporter.flush(signal);
    const assignment = await this.#assignment();

    await using forwarder = new Forwarder(this.#gateway);
    const { path } = environment;
    const git = new Git({
      path,
      home: this.#home,
      timeoutMs: GIT_TIMEOUT_MS,
      env: gitIdentity(assignment.author),
    });
    const directory = join(environment.workspace, "repo");
    const { repositoryUrl } = forwarder;
    const tree = new WorkTree({ directory, repositoryUrl, git, sleep, random, signal });
    if (!before.includes("repository.cloned")) await this.#clone(tree, assignment);

    await this.#work(tree, assignment, loading);
  }

  async #assignment(): Promise<Assignment> {
    const { stop, sleep, random } = this.#options;
    for (let retries = 0; ; retries++) {
      try {
        const assignment = await this.#gateway.assignment(stop.signal);
        if (assignment.protocol === PROTOCOL_VERSION) return assignment;
        throw new WorkerStop(
          WorkerExit.unsupportedProtocol,
          `the gateway speaks protocol ${assignment.protocol}, this worker speaks ${PROTOCOL_VERSION}`,
          0,
        );
      } catch (error) {
        if (!(error instanceof GatewayAway)) throw error;
        await sleep(backoffMs(retries, ASSIGNMENT_BACKOFF, random), stop.signal);
      }
    }
  }

  async #clone(tree: WorkTree, assignment: Assignment): Promise<void> {
    const startedAt = performance.now();
    const { attempt, turn } = assignment;
    // Nobody can have pushed to the branch before the first attempt of the first turn.
    const commit = await tree.clone({ ...assignment, mayBePushed: attempt > 1 || turn > 1 });
    const durationMs = Math.round(performance.now() - startedAt);
    this.#reporter.report({ type: "repository.cloned", commit, durationMs });
  }

  async #work(tree: WorkTree, assignment: Assignment, loading: ReturnType<typeof loadAgent>): Promise<void> {
    const { environment, sleep, random, now, stop } = this.#options;
    const { AgentLoop, modelClient } = await loading;
    const { messages, outcome } = this.#conversation(assignment);
    const guide = await readGuide(tree, assignment.baseCommit);
    await using deltas = new Deltas((pieces, signal) => this.#gateway.postDeltas(pieces, signal));
    using agent = new AgentLoop({
      client: modelClient(this.#gateway, { token: environment.token, silenceMs: SILENCE_MS }),
      model: assignment.model,
      system: systemPrompt({ ...assignment, directory: tree.directory }, guide),
      messages,
      directory: tree.directory,
      shellEnvironment: shellEnvironment({
        path: environment.path,
        home: this.#home,
        author: assignment.author,
      }),
      limits: assignment.limits,
      report: (event) => this.#reporter.report(event),
      deltas: { onDelta: (delta) => deltas.push(delta), onEnd: (messageId) => deltas.drop(messageId) },
      takeMessages: () => this.#inbox.take(),
      sleep,
      random,
      now,
      signal: stop.signal,
    });

    let result = outcome;
    for (;;) {
      try {
        if (agent.takeMessages() || result === null) result = await agent.run();
      } catch (error) {
        agent[Symbol.dispose]();
        if (error instanceof TurnFailure) await this.#keep(tree, assignment, fallbackOutcome(agent.messages));
        throw error;
      }
      agent[Symbol.dispose]();
      await this.#publish(tree, assignment, result);
      // Somebody may have written while the work was pushed: then the turn goes on.
      if (!this.#inbox.hasMessages) break;
    }
    this.#reporter.report({ type: "turn.finished", ...result });
  }

  /** The conversation to go on from, and the turn's outcome where an earlier attempt has got that far. */
  #conversation(assignment: Assignment) {
    const { messages, interrupted } = answerInterrupted(assignment.messages);
    for (const use of interrupted) {
      this.#reporter.report({
        type: "tool.finished",
        toolUseId: use.id,
        name: use.name,
        isError: true,
        content: INTERRUPTED,
        durationMs: 0,
      });
    }
    if (assignment.prompt === null) return { messages, outcome: finishedOutcome(messages) };
    this.#reporter.report({ type: "user.message", messageId: null, text: assignment.prompt });
    return { messages: addToUser(messages, [{ type: "text", text: assignment.prompt }]), outcome: null };
  }

  /** Commits what is left, pushes the branch, and says so. */
  async #publish(tree: WorkTree, assignment: Assignment, outcome: Outcome): Promise<void> {
    const skipped = await tree.commitAll(outcome.title);
    if (skipped !== null) {
      const message = `Some files could not be committed: ${skipped}`;
      this.#reporter.report({ type: "notice", level: "warning", code: "commit_incomplete", message });
    }
    const { branch } = assignment;
    if (!(await tree.hasCommitsSince(assignment.baseCommit))) {
      this.#reporter.report({ type: "branch.pushed", branch, commit: null });
      return;
    }
    await tree.push(branch);
    this.#reporter.report({ type: "branch.pushed", branch, commit: await tree.head() });
  }

  /** Saves the work of a turn that failed, so that the next attempt finds it. What fails here hides nothing. */
  async #keep(tree: WorkTree, assignment: Assignment, outcome: Outcome): Promise<void> {
    try {
      await this.#publish(tree, assignment, { ...outcome, title: `Unfinished: ${outcome.title}` });
    } catch (error) {
      const { message } = toFailure(error);
      this.#reporter.report({ type: "notice", level: "warning", code: "work_not_kept", message });
    }
  }
}
