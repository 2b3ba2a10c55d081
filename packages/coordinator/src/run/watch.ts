import type { TaskRecord, TurnRecord } from "../domain/store.ts";
import { Alarm } from "./alarm.ts";
import { type AttemptLog, type AttemptOptions, LEASE_MS, leaseOf } from "./attempt-options.ts";
import type { StopReason } from "./outcome.ts";

const ENGINE_CHECK_MS = 5000;

/**
 * Watches over one turn: renews the lease, and stops the turn when it takes too long, when nothing is heard of it, or
 * when the engine stays away. While the task waits for a person, no time passes for the turn.
 */
export function watchTurn(
  options: AttemptOptions,
  turn: { task: TaskRecord; attempt: number; turns: TurnRecord[] },
  stop: (reason: StopReason) => void,
  logger: AttemptLog,
): Disposable {
  const { tasks, limits } = options;
  const { task, attempt } = turn;
  const stack = new DisposableStack();
  const every = (ms: number, work: () => Promise<void>, what: string) => {
    const timer = setInterval(
      () => void work().catch((error) => logger.error({ err: error }, `could not ${what}`)),
      ms,
    );
    stack.defer(() => clearInterval(timer));
  };
  const alarm = (ms: number, ring: () => void) => stack.use(new Alarm(ms, ring));

  // One renewal may fail, since there are three to a lease.
  let countedMs = performance.now();
  let isWaiting = task.state === "waiting";
  const renew = async () => {
    const nowMs = performance.now();
    // Waiting for a person is no work.
    const workedMs = isWaiting ? 0 : Math.round(nowMs - countedMs);
    if (!(await tasks.renewLease(task.id, leaseOf(options), workedMs))) return stop("lease_lost");
    countedMs = nowMs;
    return undefined;
  };
  every(LEASE_MS / 3, renew, "renew the lease");

  // What it has worked before, under whatever coordinator.
  const turnMs = turn.turns.find((it) => it.turn === task.turn)?.workedMs ?? 0;
  const turnAlarm = alarm(limits.turnTimeoutMs - turnMs, () => stop("turn_timeout"));
  const taskAlarm = alarm(limits.taskTimeoutMs - task.workedMs, () => stop("task_timeout"));

  let lastSeenMs = performance.now();
  const look = async () => {
    const ok = await options.driver.ping();
    const nowMs = performance.now();
    if (ok) lastSeenMs = nowMs;
    else if (nowMs - lastSeenMs > limits.engineAwayMs) stop("engine_away");
  };
  every(Math.min(ENGINE_CHECK_MS, limits.engineAwayMs), look, "look at the engine");

  // Silence: first the agent is asked, then the turn is stopped.
  let hasAsked = false;
  const silence = alarm(limits.noProgressMs, () => {
    if (hasAsked) return stop("no_progress");
    hasAsked = true;
    ask(options, task.id, attempt).catch((error) => logger.error({ err: error }, "could not ask the agent"));
    silence.set(limits.noProgressMs / 2);
    silence.run();
    return undefined;
  });
  const heard = () => {
    hasAsked = false;
    silence.set(limits.noProgressMs);
  };

  const setWaiting = (waits: boolean) => {
    isWaiting = waits;
    for (const each of [turnAlarm, taskAlarm, silence]) isWaiting ? each.pause() : each.run();
  };
  setWaiting(task.state === "waiting");
  stack.defer(
    options.log.follow(task.id, ({ body, attempt: of }) => {
      if (body.type === "state.changed") setWaiting(body.to === "waiting");
      const isOurs = body.type === "notice" || body.type === "message.queued";
      if (of === attempt && !isOurs) heard();
    }),
  );
  stack.defer(options.deltas.follow(task.id, heard));
  // What the task was read from may be older than the first event that is followed.
  void tasks.get(task.id).then(
    (now) => now?.state === "waiting" && !stack.disposed && setWaiting(true),
    // The events tell as well.
    () => undefined,
  );
  return stack;
}

async function ask(options: AttemptOptions, taskId: string, attempt: number): Promise<void> {
  const minutes = (ms: number) => Math.max(1, Math.round(ms / 60_000));
  const { noProgressMs } = options.limits;
  await options.log.append(taskId, attempt, [
    {
      type: "notice",
      level: "warning",
      code: "no_progress",
      message: `Nothing was heard of the agent for ${minutes(noProgressMs)} minutes. It is asked now, and stopped in ${minutes(noProgressMs / 2)} minutes if it stays silent.`,
    },
    {
      type: "message.queued",
      messageId: options.newMessageId(),
      text: `Nothing was heard from you for ${minutes(noProgressMs)} minutes. Say where you are, go on in smaller steps, or finish.`,
    },
  ]);
  await options.inbox.add(taskId, "messages");
}
