import { afterEach, describe, expect, test } from "bun:test";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIVE_REF, type Message, turnRef, WorkerExit, WorkerRoutes } from "@farhand/protocol";
import { BRANCH, TestGateway } from "../test/gateway.ts";
import { startScenario } from "../test/models.ts";
import { pidIn, untilDead } from "../test/processes.ts";
import { run } from "../test/run-worker.ts";
import { until } from "../test/until.ts";
import { WorkerStop } from "./failure.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  const used = cleanup;
  cleanup = new AsyncDisposableStack();
  await used.disposeAsync();
});

async function gatewayOver(...steps: Parameters<typeof startScenario>[0]): Promise<TestGateway> {
  const model = cleanup.use(await startScenario(steps));
  const gateway = cleanup.use(await TestGateway.start(model.url));
  cleanup.defer(() => expect(gateway.violations).toEqual([]));
  return gateway;
}

const bash = (command: string) => ({ name: "bash", input: { command } });
const finish = (title: string) => ({ name: "finish", input: { title, summary: `${title}.` } });
/** Runs until the test lets it go on, with its process id in a file. */
const WAITING = "echo $$ > ../pid; until test -e ../go; do sleep 0.01; done";
const isWaiting = (gateway: TestGateway) => pidIn(join(gateway.workspace, "pid"));
const letGo = (gateway: TestGateway) => writeFile(join(gateway.workspace, "go"), "");
const show = (gateway: TestGateway, ref: string, name: string) =>
  gateway.repository.git("show", `${ref}:${name}`);
const requests = (gateway: TestGateway) =>
  gateway.modelRequests as { system: unknown; messages: Message[] }[];
const ENDS = ["turn.finished", "turn.failed", "turn.stopped"];

/** Holds a request until the worker gives it up. */
async function givenUp({ signal }: Request): Promise<Response> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return new Response(null, { status: 503 });
}

/** Opens further turns, one whenever the one before has ended. */
function thenSay(gateway: TestGateway, ...texts: string[]): void {
  const before = gateway.onEvent;
  gateway.onEvent = (event) => {
    before(event);
    const text = ENDS.includes(event.type) ? texts.shift() : undefined;
    if (text !== undefined) gateway.nextTurn(text);
  };
}

describe("a second turn in the same process", () => {
  test("goes on in the same tree with the conversation of its assignment", async () => {
    const gateway = await gatewayOver(
      { toolUses: [bash("echo 1 > one; echo ignored > .git/info/exclude; echo x > ignored")] },
      { toolUses: [finish("First work")] },
      { toolUses: [bash("cat one ignored; echo 2 > two; git branch --show-current")] },
      { toolUses: [finish("Second work")] },
    );
    thenSay(gateway, "And now two");
    const { end } = await run(gateway);
    expect(end).toEqual({ exitCode: WorkerExit.done, message: "" });
    const turn = ["assistant.message", "tool.started", "tool.finished"];
    const whole = [...turn, ...turn, "branch.pushed", "checkpoint.saved", "turn.finished"];
    expect(gateway.types()).toEqual(["worker.ready", "repository.cloned", ...whole, ...whole]);
    expect(gateway.log.map(({ n }) => n)).toEqual(gateway.log.map((_, index) => index + 1));
    expect(gateway.events("tool.finished")[2]?.content).toBe(`1\nx\n${BRANCH}`);
    expect(await gateway.repository.git("log", "--format=%s", BRANCH)).toBe(
      "Second work\nFirst work\nFirst\n",
    );
    expect(gateway.events("checkpoint.saved")).toMatchObject([
      { turn: 1, isFinal: true, commit: await gateway.checkpoint(1) },
      { turn: 2, isFinal: true, commit: await gateway.checkpoint(2) },
    ]);
    expect(await show(gateway, turnRef(1), "one")).toBe("1\n");
    expect(await show(gateway, turnRef(2), "two")).toBe("2\n");
  });

  test("says the same to the model as before, and more", async () => {
    const gateway = await gatewayOver(
      { thinking: "Hm.", text: "", toolUses: [bash("true; echo changed > AGENTS.md"), bash("false")] },
      { toolUses: [finish("First")] },
      { toolUses: [finish("Second")] },
    );
    thenSay(gateway, "Go on");
    await run(gateway);
    const [, before, after] = requests(gateway);
    expect(after?.system).toEqual(before?.system);
    // An error that is none may be said or left out.
    const plain = (messages: Message[] = []) =>
      JSON.parse(JSON.stringify(messages).replaceAll(',"is_error":false', ""));
    expect(plain(after?.messages).slice(0, before?.messages.length)).toEqual(plain(before?.messages));
    expect(after?.messages.at(-1)?.content.at(-1)).toEqual({ type: "text", text: "Go on" });
  });

  test("waits for its assignment as long as it takes, also when the gateway is away meanwhile", async () => {
    const gateway = await gatewayOver({ toolUses: [finish("First")] }, { toolUses: [finish("Second")] });
    gateway.holds = true;
    const asked = Promise.withResolvers<void>();
    gateway.intercept = (request) => {
      if (request.url.endsWith(`${WorkerRoutes.assignment}?after=1`)) asked.resolve();
      return null;
    };
    const running = run(gateway);
    await asked.promise;
    await gateway.down();
    gateway.up();
    gateway.nextTurn("Go on");
    gateway.holds = false;
    await running;
    expect(gateway.events("turn.finished").map(({ title }) => title)).toEqual(["First", "Second"]);
  });

  test("follows one that failed, in the tree that it left", async () => {
    const gateway = await gatewayOver(
      { toolUses: [bash("echo 1 > one")] },
      { text: "No.", stopReason: "refusal" },
      { toolUses: [bash("cat one"), finish("Second")] },
    );
    thenSay(gateway, "Try again");
    await run(gateway);
    expect(gateway.types().filter((type) => ENDS.includes(type))).toEqual(["turn.failed", "turn.finished"]);
    expect(await show(gateway, turnRef(1), "one")).toBe("1\n");
    expect(gateway.events("tool.finished")[1]?.content).toBe("1");
  });

  test("clones where the one before could not", async () => {
    const gateway = await gatewayOver({ toolUses: [finish("Second")] });
    gateway.assign({ baseBranch: "nope" });
    thenSay(gateway, "Try again");
    const { onEvent } = gateway;
    gateway.onEvent = (event) => {
      onEvent(event);
      const [, second] = gateway.assignments;
      if (second) second.baseBranch = "main";
    };
    await run(gateway);
    expect(gateway.types().filter((type) => ENDS.includes(type))).toEqual(["turn.failed", "turn.finished"]);
    expect(gateway.events("repository.cloned")).toHaveLength(1);
  });

  test("begins when nothing of the one before runs any more, and with an empty spool", async () => {
    const gateway = await gatewayOver(
      { toolUses: [bash("sleep 600 & echo $! > ../pid"), finish("First")] },
      { toolUses: [finish("Second")] },
    );
    let sizeBytes = -1;
    gateway.intercept = async (request) => {
      if (!request.url.endsWith(`${WorkerRoutes.assignment}?after=1`)) return null;
      await untilDead(await pidIn(join(gateway.workspace, "pid")));
      sizeBytes = (await stat(join(gateway.workspace, "spool/events.jsonl"))).size;
      return null;
    };
    thenSay(gateway, "Go on");
    await run(gateway);
    expect(sizeBytes).toBe(0);
    expect(gateway.events("turn.finished")).toHaveLength(2);
  });
});

describe("a message", () => {
  test("is delivered once although the answer that brought it was lost", async () => {
    const gateway = await gatewayOver({ toolUses: [bash(WAITING)] }, { toolUses: [finish("Done")] });
    let isLost = false;
    let isTold = false;
    gateway.intercept = async (request, path) => {
      isTold ||= request.url.endsWith(`${WorkerRoutes.inbox}?after=1`);
      if (path !== WorkerRoutes.messages || isLost) return null;
      isLost = true;
      // Delivered, but the worker does not learn it.
      await gateway.answer(request);
      return new Response(null, { status: 503 });
    };
    const running = run(gateway);
    await isWaiting(gateway);
    gateway.write("Use addition.");
    await until(() => isTold);
    await letGo(gateway);
    await running;
    expect(gateway.takes).toEqual([0, 0, 1]);
    expect(requests(gateway)[1]?.messages.at(-1)?.content).toMatchObject([
      { type: "tool_result" },
      { type: "text", text: "Use addition." },
    ]);
  });

  test("that nobody told of yet is found at the end", async () => {
    const gateway = await gatewayOver({ toolUses: [finish("First")] }, { text: "Very well." });
    gateway.write("One more thing.");
    gateway.inbox.length = 0;
    await run(gateway);
    expect(gateway.takes).toEqual([0, 1]);
    expect(gateway.events("turn.finished")).toMatchObject([{ summary: "Very well." }]);
  });

  test("of an earlier turn is not taken for one of the next", async () => {
    const gateway = await gatewayOver(
      { text: "First." },
      { text: "Still first." },
      { toolUses: [finish("Second")] },
    );
    gateway.write("More.");
    thenSay(gateway, "Go on");
    await run(gateway);
    expect(gateway.takes.at(-1)).toBe(1);
    const texts = requests(gateway)
      .at(-1)
      ?.messages.flatMap(({ role, content }) => (role === "user" ? content.map(({ text }) => text) : []));
    expect(texts).toEqual(["Mend the sum", "More.", "Go on"]);
  });
});

describe("a stop", () => {
  test("kills the running tool, keeps its files, and the worker takes the next turn in them", async () => {
    const gateway = await gatewayOver(
      { toolUses: [bash(`echo half > half; ${WAITING}`)] },
      { toolUses: [bash("cat half"), finish("Second")] },
    );
    thenSay(gateway, "Never mind, go on");
    const running = run(gateway);
    const pid = await isWaiting(gateway);
    gateway.signal("stop");
    const { end } = await running;
    expect(end.exitCode).toBe(WorkerExit.done);
    await untilDead(pid);
    expect(gateway.types().slice(3, 6)).toEqual(["tool.started", "checkpoint.saved", "turn.stopped"]);
    expect(await show(gateway, turnRef(1), "half")).toBe("half\n");
    expect(gateway.events("branch.pushed")).toHaveLength(1);
    expect(gateway.events("repository.cloned")).toHaveLength(1);
    expect(gateway.events("tool.finished")[0]?.content).toBe("half");
    expect(gateway.events("turn.finished")).toMatchObject([{ title: "Second" }]);
    expect(await show(gateway, BRANCH, "half")).toBe("half\n");
  });

  test("breaks off a model call, and a push", async () => {
    const gateway = await gatewayOver({ toolUses: [bash("echo 1 > one"), finish("Done")] });
    const wanted = ["/v1/messages", `${WorkerRoutes.git}/git-receive-pack`];
    gateway.intercept = async (request, path) => {
      const turn = gateway.assignments.length;
      if (path !== wanted[turn - 1] || gateway.inbox.length >= turn) return null;
      gateway.signal("stop");
      return await givenUp(request);
    };
    thenSay(gateway, "Go on", "Once more");
    await run(gateway);
    expect(gateway.types().filter((type) => ENDS.includes(type))).toEqual([
      "turn.stopped",
      "turn.stopped",
      "turn.finished",
    ]);
    expect(gateway.events("branch.pushed")).toHaveLength(1);
    expect(await show(gateway, turnRef(2), "one")).toBe("1\n");
  });

  test("that came too late for its turn does nothing to the next", async () => {
    const gateway = await gatewayOver({ toolUses: [finish("First")] }, { toolUses: [finish("Second")] });
    gateway.onEvent = (event) => {
      if (event.type !== "turn.finished" || gateway.assignments.length > 1) return;
      gateway.signal("stop");
      gateway.nextTurn("Go on");
    };
    await run(gateway);
    expect(gateway.events("turn.stopped")).toEqual([]);
    expect(gateway.events("turn.finished")).toHaveLength(2);
  });

  test("while the repository is being cloned leaves no checkpoint, and the next turn clones", async () => {
    const gateway = await gatewayOver({ toolUses: [finish("Second")] });
    let isFirst = true;
    gateway.intercept = async (request, path) => {
      if (!isFirst || !path.endsWith("/git-upload-pack")) return null;
      isFirst = false;
      gateway.signal("stop");
      return await givenUp(request);
    };
    thenSay(gateway, "Go on");
    await run(gateway);
    expect(gateway.types().slice(0, 3)).toEqual(["worker.ready", "turn.stopped", "repository.cloned"]);
    expect(gateway.events("turn.finished")).toHaveLength(1);
  });

  test("of work that cannot be saved in time says so and stops all the same", async () => {
    const gateway = await gatewayOver({ toolUses: [bash(`echo half > half; ${WAITING}`)] });
    gateway.intercept = async (request, path) => {
      if (!path.endsWith("/git-receive-pack")) return null;
      return await givenUp(request);
    };
    const running = run(gateway);
    await isWaiting(gateway);
    gateway.signal("stop");
    await running;
    expect(gateway.events("notice")).toMatchObject([{ code: "checkpoint_failed" }]);
    expect(gateway.types().at(-1)).toBe("turn.stopped");
  });
});

describe("the work under way", () => {
  test("is saved while a tool runs, with new files and without those that are ignored", async () => {
    const gateway = await gatewayOver(
      {
        toolUses: [
          bash(`echo '*.log' > .gitignore; touch a.log new; git add .gitignore; ${WAITING}; git status -s`),
        ],
      },
      { toolUses: [finish("Done")] },
    );
    gateway.assignment.limits.checkpointMs = 1;
    const running = run(gateway);
    await isWaiting(gateway);
    await writeFile(join(gateway.workspace, "repo/later"), "later");
    const files = async () => {
      const [saved] = gateway.events("checkpoint.saved").slice(-1);
      return saved ? await gateway.repository.git("ls-tree", "-r", "--name-only", saved.commit) : "";
    };
    while (!(await files()).includes("later")) await Bun.sleep(2);
    expect(await files()).toBe(".gitignore\nAGENTS.md\nlater\nnew\nsum.sh\ntest.sh\n");
    expect(await gateway.repository.git("rev-parse", `${LIVE_REF}^`)).toBe(`${gateway.repository.commit}\n`);
    await letGo(gateway);
    await running;
    expect(gateway.events("tool.finished")[0]?.content).toBe("A  .gitignore\n?? later\n?? new");
    const commits = gateway.events("checkpoint.saved").map(({ commit }) => commit);
    expect(new Set(commits).size).toBe(commits.length);
  });

  test("is saved when a signal ends the process, and another goes on from it", async () => {
    const gateway = await gatewayOver({
      toolUses: [
        bash(`echo 1 > one; git add -A; git commit -qm One; echo half > half; rm test.sh; ${WAITING}`),
      ],
    });
    const stop = new AbortController();
    const running = run(gateway, stop);
    await isWaiting(gateway);
    stop.abort(new WorkerStop(143, "stopped by a signal", { saveMs: 20_000, flushMs: 20_000 }));
    expect((await running).end.exitCode).toBe(143);
    expect(gateway.types().slice(-2)).toEqual(["tool.started", "checkpoint.saved"]);
    const live = await gateway.checkpoint("live");
    expect(gateway.events("checkpoint.saved")).toMatchObject([{ commit: live, isFinal: false }]);

    const next = await gatewayOver(
      { text: "never" },
      { toolUses: [bash("git log --format=%s; git status -s")] },
      { text: "Done." },
    );
    await next.repository.git("fetch", gateway.repository.path, `${LIVE_REF}:${LIVE_REF}`);
    await next.restoreFrom(live);
    gateway.nextTurn("Go on");
    next.assign({ attempt: 2, messages: gateway.assignments.at(-1)?.messages ?? [] });
    await run(next);
    expect(next.events("tool.finished")[0]?.content).toBe("One\nFirst\n D test.sh\n?? half");
    expect(await next.repository.git("ls-tree", "--name-only", BRANCH)).toBe(
      "AGENTS.md\nhalf\none\nsum.sh\n",
    );
  });

  test("is not saved by a worker whose place another has taken", async () => {
    const gateway = await gatewayOver({ toolUses: [bash(`touch new; ${WAITING}`)] });
    let isStale = false;
    gateway.intercept = () => (isStale ? new Response(null, { status: 410 }) : null);
    const running = run(gateway);
    await isWaiting(gateway);
    isStale = true;
    gateway.signal("messages");
    await letGo(gateway);
    expect((await running).end.exitCode).toBe(WorkerExit.stale);
    expect(gateway.events("checkpoint.saved")).toEqual([]);
  });
});

test("a signal ends a worker that rests", async () => {
  const gateway = await gatewayOver({ toolUses: [finish("Done")] });
  gateway.holds = true;
  const stop = new AbortController();
  gateway.intercept = (request) => {
    if (request.url.endsWith(`${WorkerRoutes.assignment}?after=1`))
      stop.abort(new WorkerStop(143, "stopped by a signal", { saveMs: 20_000, flushMs: 20_000 }));
    return null;
  };
  expect((await run(gateway, stop)).end.exitCode).toBe(143);
  expect(gateway.types().at(-1)).toBe("turn.finished");
});
