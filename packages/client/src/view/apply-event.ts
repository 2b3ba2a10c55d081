import type { TaskEvent } from "@farhand/protocol";
import { applyAnswer, applyToolFinished, applyToolStarted, markTruncated } from "./answer.ts";
import { attachmentsIn } from "./attachments.ts";
import { changeBudget, reachBudget } from "./budget.ts";
import {
  addRow,
  changeRow,
  changeTurn,
  nextPlace,
  note,
  rowBase,
  turnOf,
  withHeader,
  withOpen,
  without,
} from "./edit.ts";
import { optionTexts, type ReadBody } from "./question.ts";
import { EMPTY_USAGE, type TaskHeader, type TaskView } from "./task-view.ts";
import { applyState, applyTurnStarted, giveApproval, rollBack } from "./turns.ts";

/** The view with one more event, the next one of the log. */
export function applyEvent(view: TaskView, event: TaskEvent): TaskView {
  return applyBody(view, event, event.body);
}

function applyBody(view: TaskView, event: TaskEvent, body: ReadBody): TaskView {
  switch (body.type) {
    case "task.created": {
      const created = { ...view, header: newHeader(event, body) };
      if (body.forkedFrom === null) return created;
      return addRow(created, { ...rowBase(created, event), kind: "forked", from: body.forkedFrom });
    }
    case "turn.started":
      return applyTurnStarted(view, event, body);
    case "state.changed":
      return applyState(note(view, event, body.to), event, body);
    case "turn.stopping":
      return withHeader(note(view, event, body.how), { stopping: body.how });
    case "turn.finished":
      return changeTurn(withHeader(note(view, event), { title: body.title, summary: body.summary }), {
        title: body.title,
        summary: body.summary,
      });
    case "turn.failed":
      return note(view, event, body.failure.code);
    case "turn.stopped":
      return note({ ...view, live: null }, event);

    case "assistant.message":
      return applyAnswer(view, event, body);
    case "tool.started":
      return applyToolStarted(view, event, body);
    case "tool.finished":
      return applyToolFinished(view, event, body);
    case "notice": {
      const marked = body.code === "output_truncated" ? markTruncated(view) : null;
      if (marked) return marked;
      const heard = body.code === "model_retry" ? { ...view, live: null } : view;
      const { level, code, message } = body;
      return addRow(heard, { ...rowBase(heard, event), kind: "notice", level, code, text: message });
    }

    case "message.queued":
      return {
        ...view,
        waiting: [
          ...view.waiting.filter(({ messageId }) => messageId !== body.messageId),
          {
            messageId: body.messageId,
            text: body.text,
            attachments: attachmentsIn(body),
            at: event.at,
          },
        ],
      };
    case "message.edited":
      return {
        ...view,
        waiting: view.waiting.map((message) =>
          message.messageId === body.messageId ? { ...message, text: body.text } : message,
        ),
      };
    case "message.withdrawn":
      return { ...view, waiting: view.waiting.filter(({ messageId }) => messageId !== body.messageId) };
    case "messages.reordered": {
      const place = (messageId: string) => {
        const index = body.messageIds.indexOf(messageId);
        return index === -1 ? Number.POSITIVE_INFINITY : index;
      };
      const waiting = [...view.waiting].sort((a, b) => {
        const [one, other] = [place(a.messageId), place(b.messageId)];
        return one === other ? 0 : one - other;
      });
      return { ...view, waiting };
    }
    case "user.message": {
      const waiting = view.waiting.filter(({ messageId }) => messageId !== body.messageId);
      return addRow(
        { ...view, waiting },
        {
          ...rowBase(view, event),
          kind: "user",
          messageId: body.messageId,
          text: body.text,
          attachments: attachmentsIn(body),
          role: "steering",
          isRetry: false,
        },
      );
    }

    case "question.asked": {
      const asked = addRow(view, {
        ...rowBase(view, event),
        kind: "question",
        questionId: String(body.questionId),
        question: String(body.question),
        options: optionTexts(body.options),
        status: "open",
        answer: null,
      });
      const questions = new Map(view.open.questions).set(String(body.questionId), nextPlace(view));
      return withOpen(asked, { questions });
    }
    case "question.answered": {
      const place = view.open.questions.get(body.questionId);
      const answered = changeRow(view, place, "question", (row) => ({
        ...row,
        status: "answered",
        answer: String(body.answer),
      }));
      return withOpen(answered, { questions: without(view.open.questions, body.questionId) });
    }
    case "question.closed": {
      const place = view.open.questions.get(body.questionId);
      const closed = changeRow(view, place, "question", (row) => ({ ...row, status: "past" }));
      return withOpen(closed, { questions: without(view.open.questions, body.questionId) });
    }
    case "approval.given":
      return giveApproval(note(view, event, body.commit));

    case "budget.changed":
      return changeBudget(note(view, event), { maxUsd: body.maxUsd, maxTokens: body.maxTokens });
    case "budget.warned": {
      const use = { scope: body.scope, limit: body.limit, spent: body.spent };
      return addRow(view, { ...rowBase(view, event), kind: "budget", use, status: "warning" });
    }
    case "budget.reached":
      return reachBudget(view, event, { scope: body.scope, limit: body.limit, spent: body.spent });
    case "model.used": {
      const { header } = view;
      if (header === null) return view;
      const { usage, costUsd } = body;
      const info = view.turns.get(turnOf(view) - 1);
      const isPartial = costUsd === null;
      return changeTurn(
        withHeader(view, {
          usage: {
            inputTokens: header.usage.inputTokens + usage.inputTokens,
            outputTokens: header.usage.outputTokens + usage.outputTokens,
            cacheCreationInputTokens: header.usage.cacheCreationInputTokens + usage.cacheCreationInputTokens,
            cacheReadInputTokens: header.usage.cacheReadInputTokens + usage.cacheReadInputTokens,
          },
          contextTokens:
            usage.inputTokens +
            usage.outputTokens +
            usage.cacheCreationInputTokens +
            usage.cacheReadInputTokens,
          costUsd: header.costUsd + (costUsd ?? 0),
          turnCostUsd: header.turnCostUsd + (costUsd ?? 0),
          isCostPartial: header.isCostPartial || isPartial,
        }),
        {
          costUsd: (info?.costUsd ?? 0) + (costUsd ?? 0),
          isCostPartial: (info?.isCostPartial ?? false) || isPartial,
        },
      );
    }

    case "egress.refused": {
      const isUsualPort = body.rule !== "port" && (body.port === 443 || body.port === 80);
      const pattern = isUsualPort ? body.host : `${body.host}:${body.port}`;
      const canAllow = body.rule === "not_listed" || body.rule === "port";
      if (view.open.hosts.has(pattern)) return view;
      const told = addRow(view, {
        ...rowBase(view, event),
        kind: "host",
        host: body.host,
        port: body.port,
        pattern,
        rule: body.rule,
        status: canAllow ? "open" : "blocked",
      });
      return canAllow
        ? withOpen(told, { hosts: new Map(view.open.hosts).set(pattern, nextPlace(view)) })
        : told;
    }
    case "egress.allowed": {
      const place = view.open.hosts.get(body.host);
      const allowed = changeRow(view, place, "host", (row) => ({ ...row, status: "allowed" }));
      return note(withOpen(allowed, { hosts: without(view.open.hosts, body.host) }), event, body.host);
    }

    case "attempt.started":
      return withHeader(note(view, event, body.sandbox), { attempt: body.attempt, sandbox: body.sandbox });
    case "attempt.resumed":
      return note(view, event);
    case "attempt.ended":
      return withHeader(note({ ...view, live: null }, event), {
        sandbox: body.sandboxRemoved ? null : (view.header?.sandbox ?? null),
      });
    case "worker.ready":
      return note(view, event, body.version, body.startMs);
    case "repository.ready":
      return withHeader(note(view, event, body.commit, body.durationMs), { baseBranch: body.baseBranch });
    case "repository.cloned":
      return note(view, event, body.commit, body.durationMs);
    case "setup.started": {
      const begun = addRow(view, {
        ...rowBase(view, event),
        kind: "setup",
        path: body.path,
        exitCode: null,
        tail: "",
        isCached: false,
        durationMs: null,
      });
      return withOpen(note(begun, event, body.path), { setup: nextPlace(view) });
    }
    case "setup.finished": {
      const { exitCode, tail, isCached, durationMs } = body;
      const ended = { exitCode, tail, isCached, durationMs };
      const told =
        view.open.setup === null
          ? addRow(view, { ...rowBase(view, event), kind: "setup", path: "", ...ended })
          : changeRow(view, view.open.setup, "setup", (row) => ({ ...row, ...ended }));
      return withOpen(note(told, event, String(exitCode), durationMs), { setup: null });
    }
    case "files.restored":
      return addRow(note(view, event, body.commit ?? ""), {
        ...rowBase(view, event),
        kind: "restored",
        lost: body.lost,
      });
    case "task.delayed":
      return withHeader(note(view, event, body.code), {
        delayedBy: { code: body.code, message: body.message },
      });
    case "task.rolled_back":
      return rollBack(note(view, event, body.commit), event, body);
    case "task.removed":
      return addRow(withHeader(view, { isRemoved: true }), {
        ...rowBase(view, event),
        kind: "removed",
        freedBytes: body.freedBytes,
      });
    case "checkpoint.saved": {
      const saved = changeTurn(
        withHeader(view, { checkpoint: body.commit }),
        { checkpoint: body.commit },
        body.turn,
      );
      // Those in between come every few seconds, and say nothing to a reader.
      return body.isFinal ? note(saved, event, body.commit) : saved;
    }
    case "branch.pushed":
      return withHeader(note(view, event, body.commit ?? ""), {
        worked: body.commit ?? view.header?.worked ?? null,
      });
    case "branch.published": {
      const { branch, commit, filesChanged, insertions, deletions } = body;
      const changes = { filesChanged, insertions, deletions };
      return changeTurn(
        withHeader(note(view, event, commit), { branch, published: { branch, commit, ...changes } }),
        { changes },
      );
    }
    case "pull_request.opened": {
      const { url, number, existed } = body;
      const known = view.header?.pullRequest;
      const state = known?.url === url ? known.state : "open";
      const opened = withHeader(note(view, event, url), { pullRequest: { url, number, state } });
      if (known?.url === url) return opened;
      return addRow(opened, {
        ...rowBase(opened, event),
        kind: "pull_request",
        url,
        number,
        change: existed ? "existed" : "opened",
      });
    }
    case "pull_request.changed": {
      const { url, state } = body;
      const number = view.header?.pullRequest?.number ?? null;
      const changed = withHeader(view, { pullRequest: { url, number, state } });
      return addRow(changed, {
        ...rowBase(changed, event),
        kind: "pull_request",
        url,
        number,
        change: state === "open" ? "reopened" : state,
      });
    }
    default:
      return unknownRow(view, event);
  }
}

/** For an event that this version does not know, or that is not made as it knows it. */
export const unknownRow = (view: TaskView, event: TaskEvent): TaskView =>
  addRow(view, { ...rowBase(view, event), kind: "unknown", type: String(event.body.type), event });

function newHeader(event: TaskEvent, body: Extract<ReadBody, { type: "task.created" }>): TaskHeader {
  return {
    taskId: event.taskId,
    repository: body.repository,
    prompt: body.prompt,
    model: body.model,
    baseBranch: body.baseBranch,
    branch: body.branch,
    forkedFrom: body.forkedFrom,
    state: "queued",
    turn: 0,
    attempt: 0,
    stopping: null,
    title: null,
    summary: null,
    failure: null,
    delayedBy: null,
    usage: EMPTY_USAGE,
    contextTokens: 0,
    costUsd: 0,
    turnCostUsd: 0,
    isCostPartial: false,
    budget: null,
    budgetReached: null,
    pullRequest: null,
    published: null,
    checkpoint: null,
    worked: null,
    sandbox: null,
    isRemoved: false,
    createdAt: event.at,
    turnStartedAt: null,
    lastEventAt: event.at,
  };
}
