/** What the agent says and does: answers, tool calls and their results. */
import type { ContentBlock, TaskEvent } from "@farhand/protocol";
import { addRow, nextPlace, rowBase, withOpen, without } from "./edit.ts";
import type { Step, StepsRow, ToolStep } from "./rows.ts";
import type { TaskView } from "./task-view.ts";
import { ASK_TOOL, FINISH_TOOL, finishedStep, plannedStep } from "./tool-step.ts";

/** A row of steps that grows without end would make each further step dearer than the one before. */
export const MOST_STEPS_IN_A_ROW = 200;
/** Answers whose late pieces are still recognised. */
const REMEMBERED_ANSWERS = 8;

/** The id of a block of an answer's row, which it has while the answer streams as well. */
export const blockId = (answer: number, index: number): string => `a${answer}.${index}`;

export function applyAnswer(
  view: TaskView,
  event: TaskEvent,
  body: { messageId: string; content: readonly ContentBlock[] },
): TaskView {
  const answer = view.answerCount + 1;
  let next: TaskView = {
    ...view,
    answerCount: answer,
    live: null,
    finishedAnswers: [...view.finishedAnswers, body.messageId].slice(-REMEMBERED_ANSWERS),
  };
  body.content.forEach((block, index) => {
    next = applyBlock(next, event, body.messageId, block, blockId(answer, index));
  });
  return next;
}

function applyBlock(
  view: TaskView,
  event: TaskEvent,
  messageId: string,
  block: ContentBlock,
  id: string,
): TaskView {
  const base = { ...rowBase(view, event), id };
  switch (block.type) {
    case "text": {
      const text = String(block.text ?? "");
      if (text.trim() === "") return view;
      return addRow(view, { ...base, kind: "assistant", messageId, text, isStreaming: false });
    }
    case "thinking":
    case "redacted_thinking": {
      const text = typeof block.thinking === "string" ? block.thinking : "";
      if (view.rows.last()?.kind === "steps") return addStep(view, event, { kind: "thinking", id, text });
      return addRow(view, { ...base, kind: "thinking", text, isStreaming: false });
    }
    case "tool_use": {
      const name = String(block.name ?? "");
      if (hasRowOfItsOwn(name)) return view;
      return addStep(view, event, plannedStep(id, String(block.id ?? ""), name, block.input));
    }
    default:
      return addRow(view, { ...base, kind: "unknown", type: block.type, event });
  }
}

export function applyToolStarted(
  view: TaskView,
  event: TaskEvent,
  body: { toolUseId: string; name: string; label: string },
): TaskView {
  if (hasRowOfItsOwn(body.name)) return view;
  const known = view.open.tools.has(body.toolUseId);
  const planned = known
    ? view
    : addStep(view, event, plannedStep(`e${event.seq}`, body.toolUseId, body.name, null));
  return changeTool(planned, body.toolUseId, (step) => ({
    ...step,
    status: "running",
    label: body.label === "" ? step.label : body.label,
    startedAt: event.at,
  }));
}

export function applyToolFinished(
  view: TaskView,
  event: TaskEvent,
  body: {
    toolUseId: string;
    name: string;
    isError: boolean;
    content: string | readonly ContentBlock[];
    durationMs: number;
    exitCode?: number | undefined;
    output?: { sizeBytes: number; keptBytes: number } | undefined;
  },
): TaskView {
  const isKnown = view.open.tools.has(body.toolUseId);
  if (!isKnown && hasRowOfItsOwn(body.name) && (!body.isError || wasAsked(view, body.toolUseId))) return view;
  const planned = isKnown
    ? view
    : addStep(view, event, plannedStep(`e${event.seq}`, body.toolUseId, body.name, null));
  const changed = changeTool(planned, body.toolUseId, (step) => finishedStep(step, body));
  return withOpen(changed, { tools: without(changed.open.tools, body.toolUseId) });
}

/** What these tools do is shown as what it is, and not as a step. */
const hasRowOfItsOwn = (name: string): boolean => name === FINISH_TOOL || name === ASK_TOOL;

/** Whether the turn has a card for the question: then also what went wrong with it is said there. */
function wasAsked(view: TaskView, toolUseId: string): boolean {
  for (let place = view.rows.length - 1; place >= 0; place--) {
    const row = view.rows.get(place);
    if (!row || row.turn !== view.header?.turn) return false;
    if (row.kind === "question" && row.questionId === toolUseId) return true;
  }
  return false;
}

/** Marks the call that runs as one whose output was cut; null where none runs. */
export function markTruncated(view: TaskView): TaskView | null {
  for (const [toolUseId, place] of view.open.tools) {
    const row = view.rows.get(place.row);
    const step = row?.kind === "steps" ? row.steps[place.step] : undefined;
    if (step?.kind === "tool" && step.status === "running")
      return changeTool(view, toolUseId, (tool) => ({ ...tool, isTruncated: true }));
  }
  return null;
}

/** Into the row of steps at the end, or into a new one. */
function addStep(view: TaskView, event: TaskEvent, step: Step): TaskView {
  const last = view.rows.last();
  const grows = last?.kind === "steps" && last.steps.length < MOST_STEPS_IN_A_ROW;
  const row = grows ? nextPlace(view) - 1 : nextPlace(view);
  const steps = grows ? [...last.steps, step] : [step];
  const base: StepsRow = grows ? last : emptySteps(view, event, step);
  const rows = grows ? view.rows.set(row, summed(base, steps)) : view.rows.push(summed(base, steps));
  const next = { ...view, rows };
  if (step.kind !== "tool") return next;
  const place = { row, step: steps.length - 1 };
  return withOpen(next, { tools: new Map(view.open.tools).set(step.toolUseId, place) });
}

const emptySteps = (view: TaskView, event: TaskEvent, first: Step): StepsRow => ({
  ...rowBase(view, event),
  id: `s.${first.id}`,
  kind: "steps",
  steps: [],
  toolCount: 0,
  failedCount: 0,
  changedFiles: [],
  isRunning: false,
  durationMs: 0,
});

function changeTool(view: TaskView, toolUseId: string, change: (step: ToolStep) => ToolStep): TaskView {
  const place = view.open.tools.get(toolUseId);
  const row = place && view.rows.get(place.row);
  const step = row?.kind === "steps" ? row.steps[place?.step ?? -1] : undefined;
  if (!place || row?.kind !== "steps" || step?.kind !== "tool") return view;
  const steps = row.steps.slice();
  steps[place.step] = change(step);
  return { ...view, rows: view.rows.set(place.row, summed(row, steps)) };
}

/** The row with these steps. They are few, so they are counted anew. */
function summed(row: StepsRow, steps: readonly Step[]): StepsRow {
  const tools = steps.filter((step) => step.kind === "tool");
  const changed = tools.filter((step) => step.changesFile && step.path !== null && step.status !== "failed");
  return {
    ...row,
    steps,
    toolCount: tools.length,
    failedCount: tools.filter(({ status }) => status === "failed").length,
    changedFiles: [...new Set(changed.map(({ path }) => path ?? ""))],
    isRunning: tools.some(({ status }) => status === "pending" || status === "running"),
    durationMs: tools.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0),
  };
}
