import { describe, expect, test } from "bun:test";
import type { Task, WorkerEvent } from "@farhand/protocol";
import { newTask, openStores, taskId } from "../../test/stores.ts";
import { failure } from "../domain/failure.ts";
import type {
  Forge,
  Repositories,
  SandboxDriver,
  SandboxExit,
  SandboxRef,
  SandboxSpec,
} from "../domain/ports.ts";
import { createAssignments } from "./assignments.ts";
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
    turnTimeoutMs?: number;
    engineAwayMs?: number;
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
    diff: async () => ({ text: "", truncated: false }),
    publish: async () => void calls.push("publish"),
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
    close: async () => void calls.push("close"),
  };
  const errors: unknown[] = [];
  const assignments = createAssignments();
  const supervisor = createSupervisor({
    ...stores,
    repositories,
    forgeOf: () => forge,
    driver,
    gateway,
    assignments,
    taskLog: () => ({
      logger: { info: () => undefined, error: (fields) => void errors.push(fields) },
      close: () => undefined,
    }),
    owner: "test",
    scrub: (text) => text.replaceAll("hunter2secret", "[redacted]"),
    limits: {
      memoryBytes: 1,
      cpus: 1,
      pids: 1,
      turnTimeoutMs: change.turnTimeoutMs ?? 60_000,
      toolTimeoutMs: 1000,
      workerGraceMs: 50,
      modelRetries: 1,
      engineAwayMs: change.engineAwayMs ?? 60_000,
    },
  });
  const dispatcher = createDispatcher({
    ...stores,
    supervisor,
    maxWorkers: 2,
    owner: "test",
    onError: (error) => errors.push(error),
  });
  let numbers = 0;
  const commands = createTaskCommands({
    ...stores,
    dispatcher,
    supervisor,
    newTaskId: () => taskId(++numbers),
    resolveRepository: (repository) => ({ repository, forge: "plain" }),
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
    create: () => commands.create("u_owner", { repository: "/r", prompt: "do it" }),
    /** What the worker of task 1 would report. */
    report: (...events: WorkerEvent[]) => {
      const at = "2026-01-01T00:00:00.000Z";
      const numbered = events.map((event, index) => ({ n: index + 1, at, event }));
      return stores.log.appendFromWorker(taskId(1), 1, numbered);
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

  test("fails with the worker's last words when it dies", async () => {
    await using world = await openWorld();
    await world.create();
    await world.started;
    await world.report(ready);
    world.exit({ exitCode: 1, outOfMemory: false, tail: "segmentation fault" });
    const { failure: why } = await world.until("failed");
    expect(why).toMatchObject({
      code: "worker_died",
      message: expect.stringContaining("segmentation fault"),
    });
    expect(world.calls).toContain("remove");
  });

  test("fails with the repository's trouble and leaves no sandbox", async () => {
    const trouble = failure("branch_not_found", "There is no branch x.", "Choose another.");
    await using world = await openWorld({ repositories: { prepare: () => Promise.reject(trouble) } });
    await world.create();
    const task = await world.until("failed");
    expect(task.failure).toEqual(trouble.failure);
    expect(world.calls).toEqual(["start", "close", "remove"]);
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
      engineAwayMs: 60,
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
    await using world = await openWorld({ turnTimeoutMs: 50 });
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

test("a message that came too late is not lost in silence", async () => {
  await using world = await openWorld();
  const task = await world.create();
  await world.started;
  await world.report(ready);
  await world.commands.sendMessage(task, "one more thing");
  const at = "2026-01-01T00:00:00.000Z";
  await world.log.appendFromWorker(taskId(1), 1, [{ n: 2, at, event: finished }]);
  world.exit(exitedWell);
  await world.until("idle");
  expect(await world.events()).toContainEqual(
    expect.objectContaining({
      type: "notice",
      code: "message_undelivered",
      message: expect.stringContaining("one more thing"),
    }),
  );
});

test("stopping the coordinator ends its tasks with a sentence and leaves no sandbox", async () => {
  await using world = await openWorld();
  await world.create();
  await world.started;
  await world.report(ready);
  await world.dispatcher[Symbol.asyncDispose]();
  expect((await world.tasks.get(taskId(1)))?.failure?.code).toBe("coordinator_stopped");
  expect(world.calls.at(-1)).toBe("remove");
});

test("no more workers run at once than there are places", async () => {
  await using world = await openWorld();
  for (const _ of [1, 2, 3]) await world.create();
  await world.until("starting", 2);
  expect((await world.tasks.get(taskId(3)))?.state).toBe("queued");
  world.exit({ exitCode: 1, outOfMemory: false, tail: "" }, 1);
  await world.until("starting", 3);
});

test("the reaper fails what an earlier coordinator left and removes sandboxes that nobody owns", async () => {
  const removed: SandboxRef[] = [];
  const stray = { taskId: taskId(7), attempt: 3, name: "stray" };
  await using world = await openWorld({
    driver: { list: async () => [stray], remove: async (ref) => void removed.push(ref) },
  });
  await world.tasks.create(newTask(9));
  await world.tasks.claimNext({ owner: "crashed", untilMs: 0 });
  using reaper = createReaper({ ...world, onError: (error) => world.errors.push(error) });
  await reaper.start();
  expect((await world.tasks.get(taskId(9)))?.failure?.code).toBe("coordinator_stopped");
  expect(removed).toEqual([stray]);
});
