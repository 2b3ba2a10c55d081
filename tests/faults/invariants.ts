import type { EventBody, TaskState } from "@farhand/protocol";
import type { Invariant, Leftovers, TaskFacts, Violation } from "./facts.ts";
import { messageTroubles } from "./message-invariant.ts";

type Check = (facts: TaskFacts) => string[];

const CHECKS: Partial<Record<Invariant, Check>> = {
  I1: sequenceTroubles,
  I2: toolTroubles,
  I3: messageTroubles,
  I4: pullRequestTroubles,
  I5: contentTroubles,
  I7: stateTroubles,
};

/** Everything about a task that is not as it has to be. */
export function violationsOf(facts: TaskFacts): Violation[] {
  return Object.entries(CHECKS).flatMap(([invariant, check]) =>
    check(facts).map((message) => ({
      invariant: invariant as Invariant,
      message: `${facts.task.id}: ${message}`,
    })),
  );
}

export function leftoverViolations(leftovers: Leftovers): Violation[] {
  return Object.entries(leftovers).flatMap(([kind, names]: [string, string[]]) =>
    names.map((name): Violation => ({ invariant: "I6", message: `left over in ${kind}: ${name}` })),
  );
}

/** I1 */
function sequenceTroubles({ events, phones, task }: TaskFacts): string[] {
  const troubles: string[] = [];
  const log = events.map((event) => JSON.stringify(event));
  const hole = events.findIndex(({ seq }, index) => seq !== index + 1);
  if (hole !== -1) troubles.push(`the log has seq ${events[hole]?.seq} in place ${hole + 1}`);
  if (task.lastSeq !== events.length)
    troubles.push(`lastSeq is ${task.lastSeq} of a log of ${events.length}`);
  for (const { name, seen, resets, gaveUp, pages } of phones) {
    const wrong = seen.findIndex((event, index) => JSON.stringify(event) !== log[index]);
    if (wrong !== -1) troubles.push(`${name} saw in place ${wrong + 1}: ${JSON.stringify(seen[wrong])}`);
    else if (seen.length !== events.length) troubles.push(`${name} saw ${seen.length} of ${events.length}`);
    if (resets > 0) troubles.push(`${name} had to forget what it had ${resets} times`);
    if (gaveUp !== null) troubles.push(`${name} gave up: ${gaveUp}`);
    for (const { after, page } of pages) {
      if (page.status !== "ok") troubles.push(`${name} got a page with status ${page.status} after ${after}`);
      const index = page.events.findIndex((event, at) => JSON.stringify(event) !== log[after + at]);
      if (index !== -1) troubles.push(`${name} got a page after ${after} that differs in place ${index + 1}`);
    }
  }
  return troubles;
}

/** I2. What a retried turn did before is out of the conversation, so its open calls need no result. */
function toolTroubles({ events }: TaskFacts): string[] {
  const calls = new Map<string, { results: number; isOut: boolean }>();
  const troubles: string[] = [];
  let ofThisRun: string[] = [];
  for (const { body } of events) {
    if (body.type === "turn.started") {
      if (body.isRetry) for (const id of ofThisRun) mark(calls, id, { isOut: true });
      ofThisRun = [];
    }
    if (body.type === "assistant.message")
      for (const block of body.content) {
        if (block.type !== "tool_use") continue;
        const id = String(block.id);
        if (calls.has(id)) troubles.push(`the call ${id} was made twice`);
        calls.set(id, { results: 0, isOut: false });
        ofThisRun.push(id);
      }
    if (body.type === "tool.finished") {
      const call = calls.get(body.toolUseId);
      if (call === undefined) troubles.push(`${body.toolUseId} has a result and was never called`);
      else call.results += 1;
    }
  }
  for (const [id, { results, isOut }] of calls)
    if (results !== 1 && !(isOut && results === 0)) troubles.push(`the call ${id} has ${results} results`);
  return troubles;
}

function mark<T extends object>(map: Map<string, T>, key: string, change: Partial<T>): void {
  const value = map.get(key);
  if (value !== undefined) map.set(key, { ...value, ...change });
}

/** I4 */
function pullRequestTroubles({ task, events, work }: TaskFacts): string[] {
  const { pullRequests } = work;
  if (pullRequests > 1) return [`there are ${pullRequests} pull requests for ${task.branch}`];
  if (restOf(events) !== "idle") return [];
  const end = lastEnd(events.map(({ body }) => body));
  const lastTree = end?.type === "turn.finished" ? work.turns.get(task.turn) : undefined;
  // It may have been stopped between the branch and its pull request.
  if (wasStoppedWhilePublishing(events) && pullRequests === 0) return [];
  const hasWork = work.isAhead || (lastTree !== undefined && lastTree !== work.base);
  if (hasWork && pullRequests === 0) return ["the work has changed something and has no pull request"];
  if (!hasWork && pullRequests === 1) return ["nothing has changed and there is a pull request"];
  return [];
}

/** I5 */
function contentTroubles({ task, events, work }: TaskFacts): string[] {
  const troubles = work.lostFiles.map((path) => `the work has lost ${path}`);
  if (restOf(events) !== "idle" || lastEnd(events.map(({ body }) => body))?.type !== "turn.finished")
    return troubles;
  const checkpoint = work.turns.get(task.turn);
  const published = work.published ?? work.base;
  if (checkpoint === undefined) troubles.push(`turn ${task.turn} finished without a checkpoint`);
  else if (checkpoint !== published)
    troubles.push(
      `the checkpoint of turn ${task.turn} has tree ${checkpoint}, what is published ${published}`,
    );
  return troubles;
}

/** The log says so by both ends of the same turn, in this order. */
function wasStoppedWhilePublishing(events: TaskFacts["events"]): boolean {
  const types = events.map(({ body }) => body.type);
  const turn = types.slice(types.lastIndexOf("turn.started"));
  const finishedAt = turn.lastIndexOf("turn.finished");
  return finishedAt >= 0 && turn.lastIndexOf("turn.stopped") > finishedAt;
}

/** The state that the task came to rest in, before it was archived. */
function restOf(events: TaskFacts["events"]): TaskState {
  const last = events.findLast(({ body }) => body.type === "state.changed" && body.to !== "archived");
  return last?.body.type === "state.changed" ? last.body.to : "queued";
}

type TurnEnd = Extract<EventBody, { type: "turn.finished" | "turn.failed" | "turn.stopped" }>;

/** How the last turn ended; null where it has not, or nobody was there to say so. */
function lastEnd(bodies: readonly EventBody[]): TurnEnd | null {
  const start = bodies.findLastIndex(({ type }) => type === "turn.started");
  const end = bodies
    .slice(start + 1)
    .findLast(({ type }) => type === "turn.finished" || type === "turn.failed" || type === "turn.stopped");
  return (end as TurnEnd | undefined) ?? null;
}

/** Stated anew, so that a slip in the coordinator's own table is seen. */
const ARROWS: Record<TaskState, TaskState[]> = {
  queued: ["starting", "running", "cancelled", "idle", "failed"],
  starting: ["running", "idle", "queued", "failed", "cancelled"],
  running: ["waiting", "idle", "queued", "failed", "cancelled"],
  waiting: ["running", "idle", "queued", "failed", "cancelled"],
  idle: ["queued", "archived"],
  failed: ["queued", "archived"],
  cancelled: ["queued", "archived"],
  archived: [],
};

/** I7 */
function stateTroubles({ task, events }: TaskFacts): string[] {
  const troubles: string[] = [];
  let state: TaskState = "queued";
  let turn = 0;
  for (const { seq, body } of events) {
    if (body.type === "turn.started") {
      const expected = body.isRetry ? turn : turn + 1;
      if (body.turn !== expected) troubles.push(`turn ${body.turn} started at ${seq}, after turn ${turn}`);
      turn = body.turn;
    }
    if (body.type !== "state.changed") continue;
    if (body.from !== state) troubles.push(`at ${seq} it went from ${body.from}, but was ${state}`);
    if (!ARROWS[body.from].includes(body.to))
      troubles.push(`at ${seq} it went from ${body.from} to ${body.to}, which is no arrow`);
    state = body.to;
  }
  if (task.state !== state) troubles.push(`it is ${task.state}, and by its log ${state}`);
  return troubles;
}
