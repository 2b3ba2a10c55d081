import type { FollowItem } from "@farhand/client";
import {
  ASK_USER_TOOL,
  type ContentBlock,
  type Delta,
  type Failure,
  NO_ENCRYPTED_NAMES,
  type OpenQuestion,
  type TaskEvent,
  type TaskState,
  type TokenUsage,
} from "@farhand/protocol";
import { howToGoOn } from "./budget-text.ts";
import {
  formatBudget,
  formatBytes,
  formatDiffStat,
  formatDuration,
  formatLimit,
  shortCommit,
} from "./format.ts";
import type { Passage } from "./passage.ts";
import { questionText } from "./question-text.ts";
import { pieceSaid, type Streamed, unseenProse, wholeSaid } from "./streamed.ts";

export type { Passage } from "./passage.ts";

export interface RunningTool {
  name: string;
  label: string;
  startedAtMs: number;
}

/** What is known of a task from its events. The figures are of the turn. */
export interface Transcript {
  state: TaskState;
  /** Number of the current or last turn; 0 before the first. */
  turn: number;
  /** The last turn was ended by a person. */
  wasStopped: boolean;
  failure: Failure | null;
  /** What the agent has asked and nobody has answered. */
  question: OpenQuestion | null;
  connection: "connecting" | "live" | "lost";
  /** When the turn began, in epoch milliseconds by the coordinator's clock; null before the first event. */
  startedAtMs: number | null;
  lastEventAtMs: number | null;
  usage: TokenUsage;
  modelCalls: number;
  /** In US dollars, of the calls whose price is known. */
  costUsd: number;
  /** There were calls whose price is not known. */
  isCostPartial: boolean;
  runningTools: ReadonlyMap<string, RunningTool>;
  title: string | null;
  summary: string | null;
  branch: string | null;
  published: { filesChanged: number; insertions: number; deletions: number } | null;
  pullRequestUrl: string | null;
  /** What the coordinator said of the last attempt's sandbox; false while one runs. */
  sandboxRemoved: boolean;
  streamed: Streamed | null;
}

export const EMPTY_TRANSCRIPT: Transcript = {
  state: "queued",
  turn: 0,
  wasStopped: false,
  failure: null,
  question: null,
  connection: "connecting",
  startedAtMs: null,
  lastEventAtMs: null,
  usage: { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
  modelCalls: 0,
  costUsd: 0,
  isCostPartial: false,
  runningTools: new Map(),
  title: null,
  summary: null,
  branch: null,
  published: null,
  pullRequestUrl: null,
  sandboxRemoved: false,
  streamed: null,
};

/** The worker's tools that have events of their own: what they say is there, unless they fail. */
const TOLD_ELSEWHERE = new Set(["finish", ASK_USER_TOOL]);

export interface Step {
  transcript: Transcript;
  /** What the item adds to the screen. */
  passages: Passage[];
}

/** A turn is over, and the agent does no more by itself. */
export const isAtRest = (state: TaskState): boolean =>
  state === "idle" || state === "failed" || state === "cancelled" || state === "archived";

export function readItem(before: Transcript, item: FollowItem): Step {
  switch (item.type) {
    case "event":
      return readEvent(before, item.event);
    case "delta":
      return stream(before, item.isWhole ? wholeSaid : pieceSaid, item.delta);
    case "connection": {
      const streamed =
        before.streamed && item.status === "lost" ? { ...before.streamed, broken: true } : before.streamed;
      const transcript = { ...before, connection: item.status, streamed };
      if (item.status !== "lost" || before.connection !== "live") return { transcript, passages: [] };
      return {
        transcript,
        passages: [warning("The connection to the coordinator was lost; connecting again.")],
      };
    }
    case "reset":
      return {
        transcript: EMPTY_TRANSCRIPT,
        passages: [warning("The coordinator's log is shorter than before; this is all it has.")],
      };
  }
}

function stream(before: Transcript, say: typeof pieceSaid, delta: Delta): Step {
  const { streamed, passages } = say(before.streamed, delta);
  return { transcript: { ...before, streamed }, passages };
}

function readEvent(previous: Transcript, event: TaskEvent): Step {
  const atMs = Date.parse(event.at);
  const before = { ...previous, startedAtMs: previous.startedAtMs ?? atMs, lastEventAtMs: atMs };
  const { body } = event;
  switch (body.type) {
    case "task.created":
      return show(before, { ...body, type: "header", taskId: event.taskId });
    case "turn.started":
      return beginTurn(before, body, atMs);
    case "state.changed":
      return show(
        { ...before, state: body.to, failure: body.failure ?? before.failure },
        note(`${body.from} → ${body.to}`),
      );
    case "attempt.started":
      return show(
        { ...before, sandboxRemoved: false },
        note(`attempt ${body.attempt} in sandbox ${body.sandbox}`),
      );
    case "attempt.resumed":
      return show(before, note(`the sandbox of attempt ${body.attempt} goes on with turn ${body.turn}`));
    case "attempt.ended":
      return show(
        { ...before, runningTools: new Map(), sandboxRemoved: body.sandboxRemoved },
        body.sandboxRemoved ? note("sandbox removed") : warning("The sandbox could not be removed yet."),
      );
    case "repository.ready":
      return show(
        before,
        note(`${body.baseBranch} is at ${shortCommit(body.commit)} (${formatDuration(body.durationMs)})`),
      );
    case "setup.started":
      return show(before, note(`${body.path} runs`));
    case "setup.finished":
      return show(
        before,
        body.exitCode === 0
          ? note(body.isCached ? "set up as before" : `set up in ${formatDuration(body.durationMs)}`)
          : warning(`The setup ended with exit code ${body.exitCode}:\n${body.tail}`),
      );
    case "repository.cloned":
      return show(before, note(`cloned in ${formatDuration(body.durationMs)}`));
    case "worker.ready":
      return show(before, note(`worker started in ${formatDuration(body.startMs)}`));
    case "message.queued":
      return show(before, note("message taken; the agent gets it before its next step"));
    case "message.edited":
      return show(before, note(`message that waits is now: ${body.text}`));
    case "message.withdrawn":
      return show(before, note("message that waited was withdrawn"));
    case "messages.reordered":
      return show(before, note("messages that wait have another order"));
    case "user.message":
      return show(before, { type: "user", text: body.text });
    case "assistant.message":
      return { transcript: { ...before, streamed: null }, passages: unseenProse(before.streamed, body) };
    case "tool.started": {
      if (TOLD_ELSEWHERE.has(body.name)) return show(before);
      const tool = { name: body.name, label: body.label, startedAtMs: atMs };
      const runningTools = new Map(before.runningTools).set(body.toolUseId, tool);
      return show({ ...before, runningTools }, { ...body, type: "tool-started" });
    }
    case "tool.finished": {
      if (TOLD_ELSEWHERE.has(body.name) && !body.isError) return show(before);
      const runningTools = new Map(before.runningTools);
      const label = runningTools.get(body.toolUseId)?.label ?? "";
      runningTools.delete(body.toolUseId);
      return show(
        { ...before, runningTools },
        { ...body, type: "tool-finished", label, output: textOf(body.content) },
      );
    }
    case "notice":
      return show(before, { type: "notice", level: body.level, text: body.message });
    case "model.used":
      return show({
        ...before,
        usage: add(before.usage, body.usage),
        modelCalls: before.modelCalls + 1,
        costUsd: before.costUsd + (body.costUsd ?? 0),
        isCostPartial: before.isCostPartial || body.costUsd === null,
      });
    case "egress.refused": {
      const isUsualPort = body.rule !== "port" && (body.port === 443 || body.port === 80);
      const place = isUsualPort ? body.host : `${body.host}:${body.port}`;
      const canAllow = body.rule === "not_listed" || body.rule === "port";
      const howTo = canAllow
        ? ` To allow it for this repository: farhand allow ${event.taskId} ${place}`
        : body.rule === "encrypted_name"
          ? ` A browser there encrypts a name. ${NO_ENCRYPTED_NAMES}`
          : "";
      return show(before, warning(`The agent may not reach ${place} (rule ${body.rule}).${howTo}`));
    }
    case "egress.allowed":
      return show(before, note(`${body.host} may be reached from now on`));
    case "question.asked": {
      const { questionId, question, options = [] } = body;
      const asked = { questionId, question, options };
      return show(
        { ...before, question: asked },
        { type: "question", text: questionText(asked) },
        note(`the agent waits for an answer: farhand answer ${event.taskId} "your answer"`),
      );
    }
    case "question.answered":
      return show({ ...before, question: null }, { type: "user", text: body.answer });
    case "question.closed":
      return show({ ...before, question: null }, note("the question was not answered"));
    case "budget.changed":
      return show(before, note(`this task may spend ${formatLimit(body)} in all`));
    case "budget.warned":
      return show(before, warning(`The budget is nearly used up: ${formatBudget(body)}.`));
    case "budget.reached":
      return show(
        before,
        warning(
          `The budget is used up: ${formatBudget(body)}. The agent waits. ${howToGoOn(event.taskId, body)}`,
        ),
      );
    case "checkpoint.saved":
      // Those in between come every few seconds, and say nothing to a reader.
      return body.isFinal ? show(before, note(`checkpoint ${shortCommit(body.commit)}`)) : show(before);
    case "task.delayed":
      return show(before, warning(`The task waits: ${body.message}`));
    case "task.rolled_back":
      return show(
        before,
        note(
          `back at ${body.turn === 0 ? "the start" : `the end of turn ${body.turn}`} (${shortCommit(body.commit)})`,
        ),
      );
    case "task.removed":
      return show(before, note(`repository and files removed, ${formatBytes(body.freedBytes)} freed`));
    case "branch.pushed":
      return show(before, note(body.commit ? `committed ${shortCommit(body.commit)}` : "nothing to commit"));
    case "approval.given":
      return show(before, note(`approved: ${body.kind} at ${body.commit.slice(0, 12)}`));
    case "branch.published":
      return show(
        { ...before, branch: body.branch, published: body },
        note(`pushed ${body.branch} (${formatDiffStat(body)})`),
      );
    case "pull_request.opened":
      return show(
        { ...before, pullRequestUrl: body.url },
        note(
          body.existed
            ? `pull request #${body.number} is there already`
            : `pull request #${body.number} opened`,
        ),
      );
    case "pull_request.changed":
      return show(before, note(`pull request ${body.state === "open" ? "opened again" : body.state}`));
    case "turn.finished":
      return show({ ...before, title: body.title, summary: body.summary });
    case "turn.failed":
      return show({ ...before, failure: body.failure });
    case "turn.stopping":
      return show(before, note(body.how === "stop" ? "asked to stop" : "asked to cancel"));
    case "files.restored":
      return show(
        before,
        warning(
          `The new sandbox has the files of before the last ${body.lost.length} ${body.lost.length === 1 ? "step" : "steps"}; the agent is told to look and to do them again.`,
        ),
      );
    case "turn.stopped":
      return show({ ...before, wasStopped: true, runningTools: new Map() }, note("turn stopped"));
  }
}

/** Whatever was said of the turn before is over; where the task's work is published stays. */
function beginTurn(
  before: Transcript,
  { turn, text, isRetry }: { turn: number; text: string; isRetry: boolean },
  atMs: number,
): Step {
  const isFirst = before.turn === 0 && turn === 1 && !isRetry;
  const transcript: Transcript = {
    ...before,
    state: "queued",
    turn,
    wasStopped: false,
    failure: null,
    question: null,
    startedAtMs: isFirst ? before.startedAtMs : atMs,
    usage: EMPTY_TRANSCRIPT.usage,
    modelCalls: 0,
    costUsd: 0,
    isCostPartial: false,
    runningTools: new Map(),
    title: null,
    summary: null,
    published: null,
    streamed: null,
  };
  // The header shows the first prompt.
  if (isFirst) return show(transcript);
  return show(transcript, note(isRetry ? `turn ${turn}, again from its start` : `turn ${turn}`), {
    type: "user",
    text,
  });
}

const show = (transcript: Transcript, ...passages: Passage[]): Step => ({ transcript, passages });
const note = (text: string): Passage => ({ type: "note", text });
const warning = (text: string): Passage => ({ type: "notice", level: "warning", text });

function textOf(content: string | ContentBlock[]): string {
  if (typeof content === "string") return content;
  return content.map((block) => (typeof block.text === "string" ? block.text : `[${block.type}]`)).join("\n");
}

function add(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheCreationInputTokens: a.cacheCreationInputTokens + b.cacheCreationInputTokens,
    cacheReadInputTokens: a.cacheReadInputTokens + b.cacheReadInputTokens,
  };
}
