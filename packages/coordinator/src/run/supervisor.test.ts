import { describe, expect, test } from "bun:test";
import type { Delta, Task, WorkerEvent } from "@farhand/protocol";
import { messageId, newTask, openStores, taskId } from "../../test/stores.ts";
import { failure } from "../domain/failure.ts";
import type {
  Forge,
  Repositories,
  SandboxDriver,
  SandboxExit,
  SandboxRef,
  SandboxSpec,
} from "../domain/ports.ts";
import { createTopic } from "../domain/topic.ts";
import { endTurn, MOST_LOSSES } from "../domain/turn-end.ts";
import { createAssignments } from "./assignments.ts";
import type { AttemptOptions } from "./attempt-options.ts";
import type { Shortage } from "./capacity.ts";
import { createTaskCommands } from "./commands.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createReaper } from "./reaper.ts";
import { createSupervisor } from "./supervisor.ts";

const BASE = "a".repeat(40);
const TIP = "b".repeat(40);
const finished: WorkerEvent = { type: "turn.finished", title: "Done", summary: "It works." };
const exitedWell: SandboxExit = { exitCode: 0, outOfMemory: false, tail: "" };

/** A world in which every part but the database is a stand-in whose behaviour a test chooses. */
async function openWorld(
  change: {
    driver?: Partial<SandboxDriver>;
    repositories?: Partial<Repositories>;
    forge?: Partial<Forge>;
    limits?: Partial<AttemptOptions["limits"]>;
    maxWorkers?: number;
    capacity?: () => Promise<Shortage>;
  } = {},
) {
  const stores = await openStores();
  const sandboxes = new Map<string, PromiseWithResolvers<SandboxExit>>();
  const calls: string[] = [];
  const started = Promise.withResolvers<SandboxSpec>();
  const driver: SandboxDriver = {
    kind: "docker",
    isolated: true,
    check: async () => ({ ok: true, detail: "" }),
    ping: async () => true,
    setUp: null,
    start: async (spec) => {
      sandboxes.set(spec.taskId, Promise.withResolvers());
      calls.push("start");
      started.resolve(spec);
      return { taskId: spec.taskId, attempt: spec.attempt, name: `box-${spec.taskId}` };
    },
    wait: async (ref, signal) => {
      const gaveUp = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => gaveUp.reject(signal.reason));
      const ended = sandboxes.get(ref.taskId)?.promise ?? Promise.reject(new Error("never started"));
      return Promise.race([ended, gaveUp.promise]);
    },
    stop: async (ref) => {
      calls.push("stop");
      sandboxes.get(ref.taskId)?.resolve({ exitCode: 143, outOfMemory: false, tail: "" });
    },
    remove: async (ref) => {
      calls.push("remove");
      sandboxes.delete(ref.taskId);
    },
    list: async () => [],
    ...change.driver,
  };
  const repositories: Repositories = {
    prepare: async () => ({ baseBranch: "main", baseCommit: BASE }),
    taskPath: (id) => `/nowhere/${id}`,
    tip: async () => TIP,
    stats: async () => ({ filesChanged: 2, insertions: 3, deletions: 4 }),
    publish: async () => void calls.push("publish"),
    checkpoints: async () => ({ live: null, turns: new Map() }),
    keepTurn: async (_id, turn, commit) => void calls.push(`keep ${turn} ${commit.slice(0, 4)}`),
    offerRestore: async (_id, commit) => void calls.push(`restore ${commit?.slice(0, 4) ?? "nothing"}`),
    has: async () => true,
    fork: async () => ({ baseBranch: "main", baseCommit: BASE }),
    touched: async () => ({ differing: [], takenBack: [], follows: true }),
    squash: () => Promise.reject(new Error("not asked for")),
    changes: () => Promise.reject(new Error("not asked for")),
    node: () => Promise.reject(failure("not_found", "There is no such path.", "")),
    search: () => Promise.reject(new Error("not asked for")),
    raw: () => Promise.reject(new Error("not asked for")),
    branches: () => Promise.reject(new Error("not asked for")),
    sizeBytes: async () => 1000,
    tidy: async () => undefined,
    remove: async () => undefined,
    ...change.repositories,
  };
  const forge: Forge = {
    kind: "plain",
    hosts: () => true,
    remote: (url) => ({ url, credential: null }),
    openPullRequest: async () => ({ url: "https://forge/pull/1", number: 1, existed: false }),
    ...change.forge,
  };
  const gateway = {
    open: async () => ({ directory: "/nowhere", socketName: "g.sock" }),
    openSetup: () => Promise.reject(new Error("not asked for")),
    close: async () => void calls.push("close"),
  };
  const errors: unknown[] = [];
  const assignments = createAssignments();
  const deltas = createTopic<Delta>();
  let messages = 0;
  const newMessageId = () => messageId(900 + ++messages);
  const supervisor = createSupervisor({
    ...stores,
    deltas,
    repositories,
    forgeOf: async () => forge,
    driver,
    gateway,
    assignments,
    taskLog: () => ({
      logger: { info: () => undefined, error: (fields) => void errors.push(fields) },
      close: () => undefined,
    }),
    owner: "test",
    newMessageId,
    onQueued: () => dispatcher.poke(),
    onTurnEnded: () => undefined,
    scrub: (_userId, text) => text.replaceAll("hunter2secret", "[redacted]"),
    limits: {
      memoryBytes: 1,
      cpus: 1,
      pids: 1,
      turnTimeoutMs: 60_000,
      taskTimeoutMs: 60_000,
      noProgressMs: 60_000,
      toolTimeoutMs: 1000,
      workerGraceMs: 50,
      modelRetries: 1,
      checkpointMs: 1000,
      engineAwayMs: 60_000,
      warmMs: 0,
      ...change.limits,
    },
  });
  const dispatcher = createDispatcher({
    ...stores,
    supervisor,
    capacity: change.capacity ?? (async () => null),
    needsPerson: stores.budgets.shortage,
    maxWorkers: change.maxWorkers ?? 2,
    owner: "test",
    onError: (error) => errors.push(error),
  });
  let numbers = 0;
  const reported = new Map<number, number>();
  const commands = createTaskCommands({
    ...stores,
    repositories,
    dispatcher,
    supervisor,
    newMessageId,
    newTaskId: () => taskId(++numbers),
    resolveRepository: async (repository) => ({ repository, forge: "plain" }),
  });

  const world = {
    ...stores,
    calls,
    errors,
    driver,
    dispatcher,
    commands,
    supervisor,
    started: started.promise,
    assignments,
    repositories,
    create: () => commands.create("u_owner", { repository: "/r", prompt: "do it" }, null),
    /** What the worker of task 1's current attempt would report. */
    report: async (...events: WorkerEvent[]) => {
      const at = "2026-01-01T00:00:00.000Z";
      const { attempt } = await world.task();
      const before = reported.get(attempt) ?? 0;
      reported.set(attempt, before + events.length);
      const numbered = events.map((event, index) => ({ n: before + index + 1, at, event }));
      return stores.log.appendFromWorker(taskId(1), attempt, numbered);
    },
    async task() {
      const task = await stores.tasks.get(taskId(1));
      if (!task) throw new Error("the task is gone");
      return task;
    },
    /** Waits for the next assignment of task 1, as its worker does. */
    assigned: (after: number) => assignments.wait(taskId(1), after, AbortSignal.timeout(5000)),
    async untilCalled(name: string) {
      while (!calls.includes(name)) await Bun.sleep(2);
    },
    exit: (exit: SandboxExit, number = 1) => sandboxes.get(taskId(number))?.resolve(exit),
    async until(state: Task["state"], number = 1): Promise<Task> {
      const arrived = Promise.withResolvers<void>();
      const stop = stores.log.follow(taskId(number), ({ body }) => {
        if (body.type === "state.changed" && body.to === state) arrived.resolve();
      });
      const now = await stores.tasks.get(taskId(number));
      if (now?.state !== state) await arrived.promise;
      stop();
      const task = await stores.tasks.get(taskId(number));
      if (!task) throw new Error("the task is gone");
      return task;
    },
    events: async () => (await stores.log.read(taskId(1), 0, 1000)).events.map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      await dispatcher[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
    },
  };
  return world;
}

const ready: WorkerEvent = { type: "worker.ready", version: "1", startMs: 1 };

describe("an attempt", () => {
  test("ends idle with branch and pull request, after its sandbox is gone and its socket closed", async () => {
    await using world = await openWorld();
    await world.create();
    const spec = await world.started;
    expect(spec.token.length).toBeGreaterThan(5);
    await world.report(ready, finished);
    world.exit(exitedWell);
    const task = await world.until("idle");
    expect(task).toMatchObject({
      title: "Done",
      commit: TIP,
      filesChanged: 2,
      pullRequestUrl: "https://forge/pull/1",
    });
    const types = (await world.events()).map((body) => body.type);
    expect(types.at(-1)).toBe("state.changed");
    expect(types).toContain("attempt.ended");
    expect(world.calls.indexOf("close")).toBeLessThan(world.calls.indexOf("remove"));
    expect(await world.attempts.verify(taskId(1), spec.token)).toEqual({ attempt: 1, isCurrent: false });
    expect(world.errors).toEqual([]);
  });

  test("publishes nothing when the agent changed nothing", async () => {
    await using world = await openWorld({ repositories: { tip: async () => BASE } });
    await world.create();
    await world.started;
    await world.report(ready, finished);
    world.exit(exitedWell);
    expect(await world.until("idle")).toMatchObject({ commit: null, pullRequestUrl: null });
    expect(world.calls).not.toContain("publish");
  });

  test("stops a worker that does not end by itself after its last report", async () => {
    await using world = await openWorld();
    await world.create();
    await world.started;
    await world.report(ready, finished);
    expect((await world.until("idle")).commit).toBe(TIP);
    expect(world.calls).toContain("stop");
  });

  test("is followed by another when its worker dies, and fails with its last words when all of them do", async () => {
    await using world = await openWorld();
    await world.create();
    for (let attempt = 1; attempt <= MOST_LOSSES + 1; attempt++) {
      while ((await world.task()).attempt < attempt || (await world.task()).state !== "starting")
        await Bun.sleep(2);
      await world.report(ready);
      world.exit({ exitCode: 1, outOfMemory: false, tail: "segmentation fault" });
    }
    const { failure: why } = await world.until("failed");
    expect(why).toMatchObject({
      code: "worker_died",
      message: expect.stringContaining("segmentation fault"),
    });
    const bodies = await world.events();
    expect(bodies.filter(({ type }) => type === "attempt.ended")).toHaveLength(MOST_LOSSES + 1);
    expect(bodies.filter((body) => body.type === "notice" && body.code === "worker_lost")).toHaveLength(
      MOST_LOSSES,
    );
  });

  test("fails with the repository's trouble and leaves no sandbox", async () => {
    const trouble = failure("branch_not_found", "There is no branch x.", "Choose another.");
    await using world = await openWorld({ repositories: { prepare: () => Promise.reject(trouble) } });
    await world.create();
    const task = await world.until("failed");
    expect(task.failure).toEqual(trouble.failure);
    expect(world.calls.filter((call) => call !== "stop")).toEqual(["start", "close", "remove"]);
  });

  test("fails without repeating a secret that a remote has put into what it says", async () => {
    const trouble = failure("push_refused", "The remote said: hunter2secret is no good.", "Use another.");
    await using world = await openWorld({ repositories: { prepare: () => Promise.reject(trouble) } });
    await world.create();
    const task = await world.until("failed");
    expect(task.failure?.message).toBe("The remote said: [redacted] is no good.");
    expect(JSON.stringify(await world.events())).not.toContain("hunter2secret");
  });

  test("fails with the engine's trouble when no sandbox can be started", async () => {
    const trouble = failure("image_missing", "The worker image is not there.", "Run ./farhand up.");
    const prepare = (_task: unknown, _remote: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await using world = await openWorld({
      driver: { start: () => Promise.reject(trouble) },
      repositories: { prepare },
    });
    await world.create();
    expect((await world.until("failed")).failure).toEqual(trouble.failure);
  });

  test("keeps the pushed branch when the pull request cannot be opened", async () => {
    const trouble = failure("pull_request_failed", "GitHub said no.", "Open it yourself.");
    await using world = await openWorld({ forge: { openPullRequest: () => Promise.reject(trouble) } });
    await world.create();
    await world.started;
    await world.report(ready, finished);
    world.exit(exitedWell);
    expect(await world.until("failed")).toMatchObject({ failure: trouble.failure, commit: TIP });
  });

  test("is given up when the engine stays away, and says that the sandbox could not be removed", async () => {
    let away = false;
    const gone = failure("sandbox_unavailable", "Docker is away.", "Start it.");
    await using world = await openWorld({
      limits: { engineAwayMs: 60 },
      driver: {
        ping: async () => !away,
        stop: () => Promise.reject(gone),
        remove: () => Promise.reject(gone),
      },
    });
    await world.create();
    await world.started;
    await world.report(ready);
    away = true;
    expect((await world.until("failed")).failure?.code).toBe("sandbox_unavailable");
    expect(await world.events()).toContainEqual(
      expect.objectContaining({ type: "attempt.ended", sandboxRemoved: false }),
    );
  });

  test("is stopped when it takes too long", async () => {
    await using world = await openWorld({ limits: { turnTimeoutMs: 50 } });
    await world.create();
    await world.started;
    await world.report(ready);
    expect((await world.until("failed")).failure?.code).toBe("turn_timeout");
    expect(world.calls).toContain("stop");
  });

  test("fails as internal on a bug, tells the log, and still cleans up", async () => {
    await using world = await openWorld({
      repositories: { prepare: () => Promise.reject(new TypeError("oops")) },
    });
    await world.create();
    expect((await world.until("failed")).failure?.code).toBe("internal");
    expect(world.calls).toContain("remove");
    expect(world.errors).toHaveLength(1);
  });
});

describe("cancelling", () => {
  test("reaches a running task through its inbox and then its sandbox", async () => {
    await using world = await openWorld();
    const task = await world.create();
    await world.started;
    await world.report(ready);
    await world.commands.cancel(task);
    const items = await world.inbox.read(taskId(1), 0, AbortSignal.timeout(1000));
    expect(items).toEqual([{ n: 1, type: "cancel" }]);
    await world.until("cancelled");
    expect(world.calls).toContain("remove");
  });

  test("withdraws a queued task before any worker sees it", async () => {
    await using world = await openWorld();
    for (const _ of [1, 2, 3]) await world.create();
    const third = await world.tasks.get(taskId(3));
    if (!third) throw new Error("no third task");
    expect((await world.commands.cancel(third)).state).toBe("cancelled");
    expect(world.commands.cancel(third)).rejects.toThrow(/nothing to cancel/);
  });

  test("interrupts a slow fetch", async () => {
    const prepare = (_task: unknown, _remote: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await using world = await openWorld({ repositories: { prepare } });
    const task = await world.create();
    await world.started;
    await world.commands.cancel(task);
    await world.until("cancelled");
    expect(world.calls).toContain("remove");
  });
});

describe("a stop", () => {
  test("waits for the worker to save its files, and keeps what it has saved", async () => {
    await using world = await openWorld({ limits: { workerGraceMs: 5000 } });
    const task = await world.create();
    await world.started;
    await world.report(ready);
    await world.commands.stop(task);
    expect(await world.inbox.read(taskId(1), 0, AbortSignal.timeout(1000))).toEqual([{ n: 1, type: "stop" }]);
    await world.report(
      { type: "checkpoint.saved", turn: 1, commit: TIP, isFinal: true },
      { type: "turn.stopped" },
    );
    expect(await world.until("idle")).toMatchObject({ failure: null, pullRequestUrl: null });
    expect((await world.task()).revision).toBe(TIP);
    expect(world.calls).toContain(`keep 1 ${TIP.slice(0, 4)}`);
    expect(world.calls).not.toContain("publish");
  });

  test("ends a worker that does not answer, and the task is idle all the same", async () => {
    await using world = await openWorld();
    const task = await world.create();
    await world.started;
    await world.report(ready);
    await world.commands.stop(task);
    expect((await world.until("idle")).failure).toBeNull();
    expect(world.calls).toContain("stop");
  });

  test("of a task that waits in the queue takes it out", async () => {
    await using world = await openWorld({ maxWorkers: 1 });
    for (const _ of [1, 2]) await world.create();
    const second = await world.tasks.get(taskId(2));
    if (!second) throw new Error("no second task");
    expect((await world.commands.stop(second)).state).toBe("idle");
    await expect(world.commands.stop(second)).rejects.toThrow(/nothing to stop/);
  });
});

describe("a warm sandbox", () => {
  const warm = { limits: { warmMs: 60_000 } };

  test("takes the next turn up as the same attempt, with the whole conversation", async () => {
    await using world = await openWorld(warm);
    const task = await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.until("idle");
    expect(world.assignments.isResting(taskId(1))).toBe(true);
    const sent = await world.commands.sendMessage(task, { text: "and now this" }, null);
    expect(sent).toMatchObject({ status: "started", turn: 2 });
    const assignment = await world.assigned(1);
    expect(assignment).toMatchObject({ attempt: 1, turn: 2 });
    expect(JSON.stringify(assignment.messages)).toContain("and now this");
    expect(world.assignments.isResting(taskId(1))).toBe(false);
    await world.report(finished);
    await world.until("idle");
    expect(world.calls.filter((call) => call === "start")).toHaveLength(1);
    expect(world.calls).not.toContain("remove");
  });

  test("ends when it has rested long enough, and its attempt with it", async () => {
    await using world = await openWorld({ limits: { warmMs: 30 } });
    await world.create();
    const spec = await world.started;
    await world.report(ready, finished);
    await world.untilCalled("remove");
    expect(await world.attempts.verify(taskId(1), spec.token)).toMatchObject({ isCurrent: false });
    expect((await world.task()).state).toBe("idle");
  });

  test("makes room for a task that waits", async () => {
    await using world = await openWorld({ ...warm, maxWorkers: 1 });
    await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.until("idle");
    await world.create();
    await world.until("starting", 2);
    expect(world.calls).toContain("remove");
  });

  test("whose worker has died while it rested is replaced by a new one", async () => {
    await using world = await openWorld(warm);
    const task = await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.until("idle");
    world.exit({ exitCode: 137, outOfMemory: false, tail: "" });
    await world.untilCalled("remove");
    await world.commands.sendMessage(task, { text: "still there?" }, null);
    await world.until("starting");
    expect((await world.task()).attempt).toBe(2);
  });

  test("is gone before a roll-back, and the next turn begins with the checkpoint that was gone back to", async () => {
    await using world = await openWorld(warm);
    const task = await world.create();
    await world.started;
    await world.report(ready, { type: "checkpoint.saved", turn: 1, commit: TIP, isFinal: true }, finished);
    await world.until("idle");
    await world.commands.rollBack(await world.task(), 1);
    expect(world.calls).toContain("remove");
    await world.commands.sendMessage(task, { text: "again" }, null);
    await world.until("starting");
    expect((await world.assigned(0)).restore).toBe(TIP);
  });
});

test("a finished turn whose checkpoint did not arrive is kept as its branch, for the next worker to begin with", async () => {
  await using world = await openWorld();
  await world.create();
  await world.started;
  await world.report(ready, finished);
  world.exit(exitedWell);
  await world.until("idle");
  expect(world.calls).toContain(`keep 1 ${TIP.slice(0, 4)}`);
  expect((await world.task()).revision).toBe(TIP);
});

describe("publishing", () => {
  const hanging = (_request: unknown, signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  test("ends with the coordinator also where the sandbox would have stayed warm", async () => {
    await using world = await openWorld({
      limits: { warmMs: 600_000 },
      forge: { openPullRequest: hanging },
    });
    await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.untilCalled("publish");
    await world.dispatcher[Symbol.asyncDispose]();
    expect(await world.task()).toMatchObject({ state: "queued", losses: 0 });
    expect(world.calls.at(-1)).toBe("remove");
  });

  test("is broken off by a stop, and by a cancel that ends the sandbox with it", async () => {
    await using world = await openWorld({
      limits: { warmMs: 600_000 },
      forge: { openPullRequest: hanging },
    });
    const task = await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.untilCalled("publish");
    await world.commands.cancel(task);
    expect((await world.until("cancelled")).pullRequestUrl).toBeNull();
    await world.untilCalled("remove");
  });

  test("waits for a database that is locked for a moment", async () => {
    await using world = await openWorld();
    const { append } = world.log;
    let refusals = 2;
    world.log.append = (taskId, attempt, bodies) => {
      if (bodies[0]?.type === "branch.published" && refusals-- > 0)
        return Promise.reject(Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" }));
      return append(taskId, attempt, bodies);
    };
    await world.create();
    await world.started;
    await world.report(ready, finished);
    expect((await world.until("idle")).pullRequestUrl).toBe("https://forge/pull/1");
  });
});

test("a new sandbox whose files are older than finished steps says so to the agent, once", async () => {
  await using world = await openWorld();
  await world.create();
  await world.started;
  const call = (toolUseId: string, label: string): WorkerEvent[] => [
    {
      type: "assistant.message",
      messageId: `msg_${toolUseId}`,
      model: "m",
      content: [{ type: "tool_use", id: toolUseId, name: "bash", input: {} }],
      stopReason: "tool_use",
    },
    { type: "tool.started", toolUseId, name: "bash", label },
    { type: "tool.finished", toolUseId, name: "bash", isError: false, content: "", durationMs: 1 },
  ];
  await world.assigned(0);
  await world.report(ready, ...call("a", "before"));
  await world.report({ type: "checkpoint.saved", turn: 1, commit: TIP, isFinal: false });
  await world.report(...call("b", "git commit -m x"));
  world.exit({ exitCode: 137, outOfMemory: false, tail: "" });
  while ((await world.task()).attempt < 2) await Bun.sleep(2);
  const assignment = await world.assigned(0);
  expect(assignment.restore).toBe(TIP);
  const told = (await world.events()).filter(({ type }) => type === "files.restored");
  expect(told).toEqual([{ type: "files.restored", commit: TIP, lost: ["git commit -m x"] }]);
  expect(JSON.stringify(assignment.messages)).toContain("do again what is missing");
});

test("what fails while publishing is published by a retry without another sandbox", async () => {
  let isDown = true;
  const trouble = failure("push_refused", "A rule.", "Change it.");
  await using world = await openWorld({
    forge: {
      openPullRequest: async () => {
        if (isDown) throw trouble;
        return { url: "https://forge/pull/1", number: 1, existed: false };
      },
    },
  });
  await world.create();
  await world.started;
  await world.report(ready, finished);
  await world.until("failed");
  isDown = false;
  await world.commands.retry(await world.task());
  expect(await world.until("idle")).toMatchObject({ pullRequestUrl: "https://forge/pull/1", attempt: 2 });
  expect(world.calls.filter((call) => call === "start")).toHaveLength(1);
  expect(world.calls.filter((call) => call === "publish")).toHaveLength(1);
});

test("a stop while the work is being published says that it has not gone out, and the next turn takes it along", async () => {
  const reached = Promise.withResolvers<void>();
  let isStuck = true;
  await using world = await openWorld({
    repositories: {
      publish: async (_task, _work, _remote, signal) => {
        if (!isStuck) return;
        reached.resolve();
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      },
    },
  });
  await world.create();
  await world.started;
  await world.report(ready, finished);
  await reached.promise;
  await world.commands.stop(await world.task());
  expect(await world.until("idle")).toMatchObject({ pullRequestUrl: null });
  expect((await world.events()).slice(-3)).toMatchObject([
    { type: "turn.stopped" },
    { type: "notice", code: "not_published" },
    { type: "state.changed", to: "idle" },
  ]);
  isStuck = false;
  await world.commands.sendMessage(await world.task(), { text: "Go on." }, null);
  while ((await world.task()).attempt < 2) await Bun.sleep(2);
  await world.report(ready, finished);
  expect((await world.until("idle")).pullRequestUrl).toBe("https://forge/pull/1");
});

describe("work that changes the forge's workflows", () => {
  const touched = async () => ({ differing: [".github/workflows/ci.yml"], takenBack: [], follows: true });
  const held = { repositories: { touched } };

  test("is held back, and a retry does not publish it either", async () => {
    await using world = await openWorld(held);
    await world.create();
    await world.started;
    await world.report(ready, finished);
    const failed = await world.until("failed");
    expect(failed.failure).toMatchObject({ code: "approval_needed", retryable: false, commit: TIP });
    expect(failed.failure?.message).toContain(".github/workflows/ci.yml");
    await world.commands.retry(await world.task());
    await world.until("queued");
    expect((await world.until("failed")).failure?.code).toBe("approval_needed");
    expect(world.calls).not.toContain("publish");
  });

  test("is published once a person has approved that very commit", async () => {
    let tip = TIP;
    await using world = await openWorld({ repositories: { ...held.repositories, tip: async () => tip } });
    await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.until("failed");
    await world.commands.approve(await world.task(), "workflows");
    expect(await world.until("idle")).toMatchObject({ commit: TIP, pullRequestUrl: "https://forge/pull/1" });
    expect(await world.events()).toContainEqual({ type: "approval.given", kind: "workflows", commit: TIP });
    // The next turn's commit is another one, and nobody has looked at it.
    tip = "c".repeat(40);
    await world.commands.sendMessage(await world.task(), { text: "And more." }, null);
    await world.until("starting");
    await world.report(ready, finished);
    expect((await world.until("failed")).failure?.code).toBe("approval_needed");
    expect(world.calls.filter((call) => call === "publish")).toHaveLength(1);
  });

  test("is not approved where it is no longer what the person has seen", async () => {
    await using world = await openWorld(held);
    await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.until("failed");
    const earlier = "d".repeat(40);
    await expect(world.commands.approve(await world.task(), "workflows", earlier)).rejects.toThrow(
      "has changed since it was looked at",
    );
    expect(await world.task()).toMatchObject({ state: "failed", failure: { code: "approval_needed" } });
    await world.commands.approve(await world.task(), "workflows", TIP);
    await world.until("idle");
  });

  test("is not to be approved where nothing was held back", async () => {
    await using world = await openWorld();
    await world.create();
    await world.started;
    await world.report(ready, finished);
    await world.until("idle");
    await expect(world.commands.approve(await world.task(), "workflows")).rejects.toThrow(
      "waits for an approval",
    );
  });
});

test("an agent that is silent is asked, and its turn is stopped when it stays silent", async () => {
  await using world = await openWorld({ limits: { noProgressMs: 40 } });
  await world.create();
  await world.started;
  await world.report(ready);
  expect((await world.until("failed")).failure?.code).toBe("no_progress");
  const bodies = await world.events();
  expect(bodies).toContainEqual(expect.objectContaining({ type: "notice", code: "no_progress" }));
  expect(bodies).toContainEqual(expect.objectContaining({ type: "message.queued" }));
});

test("the turns of a task together have a limit too", async () => {
  await using world = await openWorld({ limits: { taskTimeoutMs: 50 } });
  await world.create();
  await world.started;
  await world.report(ready);
  expect((await world.until("failed")).failure?.code).toBe("task_timeout");
});

test("a task waits, and says why, while the machine has no room for it", async () => {
  let shortage: Shortage = { code: "disk_full", message: "The disk is nearly full." };
  await using world = await openWorld({ capacity: async () => shortage });
  await world.create();
  while ((await world.task()).delayedBy === null) await Bun.sleep(2);
  expect(await world.task()).toMatchObject({ state: "queued", delayedBy: { code: "disk_full" } });
  world.dispatcher.poke();
  shortage = null;
  world.dispatcher.poke();
  await world.until("starting");
  expect((await world.task()).delayedBy).toBeNull();
  const delays = (await world.events()).filter(({ type }) => type === "task.delayed");
  expect(delays).toHaveLength(1);
});

test("stopping the coordinator brings its tasks back to the queue and leaves no sandbox", async () => {
  await using world = await openWorld();
  await world.create();
  await world.started;
  await world.report(ready);
  await world.dispatcher[Symbol.asyncDispose]();
  expect(await world.task()).toMatchObject({ state: "queued", losses: 0 });
  expect(world.calls.at(-1)).toBe("remove");
});

test("no more workers run at once than there are places", async () => {
  await using world = await openWorld();
  for (const _ of [1, 2, 3]) await world.create();
  await world.until("starting", 2);
  expect((await world.tasks.get(taskId(3)))?.state).toBe("queued");
  world.exit({ exitCode: 137, outOfMemory: true, tail: "" }, 1);
  await world.until("starting", 3);
});

describe("after a crash", () => {
  async function crashed(sandboxes: (ref: SandboxRef) => SandboxRef[]) {
    const removed: string[] = [];
    const exits = Promise.withResolvers<SandboxExit>();
    const ref = { taskId: taskId(9), attempt: 1, name: "left" };
    const world = await openWorld({
      driver: {
        list: async () => sandboxes(ref),
        remove: async ({ name }) => void removed.push(name),
        wait: () => exits.promise,
        stop: async () => exits.resolve(exitedWell),
      },
    });
    await world.tasks.create(newTask(9));
    await world.tasks.claim(taskId(9), { owner: "crashed", untilMs: 0 });
    const swept: string[][] = [];
    const reaper = createReaper({
      ...world,
      owner: "test",
      sweepSockets: async (ids) => void swept.push(ids),
      onError: (error) => world.errors.push(error),
    });
    return { world, reaper, removed, swept, exits };
  }

  test("a sandbox that is there goes on under the next coordinator, and is not removed", async () => {
    const { world, reaper, removed, swept } = await crashed((ref) => [ref]);
    await using _world = world;
    using _reaper = reaper;
    await reaper.start();
    expect(await world.tasks.get(taskId(9))).toMatchObject({ state: "starting", attempt: 1 });
    expect(world.supervisor.running()).toMatchObject([{ name: "left" }]);
    expect([removed, swept]).toEqual([[], [[taskId(9)]]]);
    const at = "2026-01-01T00:00:00.000Z";
    await world.log.appendFromWorker(taskId(9), 1, [
      { n: 1, at, event: ready },
      { n: 2, at, event: finished },
    ]);
    expect((await world.until("idle", 9)).pullRequestUrl).toBe("https://forge/pull/1");
    expect(removed).toEqual(["left"]);
  });

  test("a task whose sandbox is gone comes back to the queue", async () => {
    const { world, reaper, swept } = await crashed(() => []);
    await using _world = world;
    using _reaper = reaper;
    await reaper.start();
    await world.until("starting", 9);
    expect(await world.tasks.get(taskId(9))).toMatchObject({ attempt: 2, losses: 0 });
    expect(swept).toEqual([[]]);
  });

  test("a turn that was stopped before is not run again", async () => {
    const { world, reaper } = await crashed(() => []);
    await using _world = world;
    using _reaper = reaper;
    const at = "2026-01-01T00:00:00.000Z";
    await world.log.appendFromWorker(taskId(9), 1, [
      { n: 1, at, event: ready },
      { n: 2, at, event: { type: "turn.stopped" } },
    ]);
    await reaper.start();
    expect((await world.tasks.get(taskId(9)))?.state).toBe("idle");
  });

  test("sandboxes that nobody owns are removed, and attempts that rested are closed", async () => {
    const stray = { taskId: taskId(7), attempt: 3, name: "stray" };
    const { world, reaper, removed } = await crashed((ref) => [ref, stray]);
    await using _world = world;
    using _reaper = reaper;
    await world.tasks.change(taskId(9), (facts) => endTurn(facts, { kind: "stopped" }));
    await reaper.start();
    expect(removed).toEqual(["left", "stray"]);
    expect(await world.attempts.open()).toEqual([]);
  });
});
