import { afterEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Message, WorkerExit, WorkerRoutes } from "@farhand/protocol";
import { BRANCH, MODEL_KEY, TestGateway } from "../test/gateway.ts";
import {
  aimock,
  type ModelDouble,
  type ModelKind,
  type Step,
  simulator,
  startScenario,
} from "../test/models.ts";
import { pidIn, untilDead } from "../test/processes.ts";
import { run } from "../test/run-worker.ts";
import { until } from "../test/until.ts";
import { INTERRUPTED } from "./conversation.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  const used = cleanup;
  cleanup = new AsyncDisposableStack();
  await used.disposeAsync();
});

async function gatewayOver(model: ModelDouble): Promise<TestGateway> {
  cleanup.use(model);
  const gateway = cleanup.use(await TestGateway.start(model.url));
  cleanup.defer(() => expect(gateway.violations).toEqual([]));
  return gateway;
}

const bash = (command: string) => ({ name: "bash", input: { command } });
const finish = {
  name: "finish",
  input: { title: "Add instead of subtracting", summary: "The sum was a difference." },
};
const mend = { name: "edit", input: { file_path: "sum.sh", old_string: "$1 - $2", new_string: "$1 + $2" } };
const DONE: Step = { toolUses: [finish] };

/** Writes to the worker, and resolves when it knows that somebody has written. */
async function say(gateway: TestGateway, text: string): Promise<void> {
  let isTold = false;
  const n = gateway.write(text);
  gateway.intercept = (request) => {
    isTold ||= request.url.endsWith(`${WorkerRoutes.inbox}?after=${n}`);
    return null;
  };
  await until(() => isTold);
}

function requestMessages(gateway: TestGateway, index: number): Message[] {
  return (gateway.modelRequests.at(index) as { messages: Message[] }).messages;
}

describe.each([simulator, aimock])("a turn with $name", (kind: ModelKind) => {
  const start = async (...steps: Step[]) => gatewayOver(await kind.start(steps));

  test("reads, edits, tests and finishes, and what it did is on the branch", async () => {
    const gateway = await start(
      { text: "I look around.", toolUses: [bash("cat sum.sh"), bash("./test.sh || echo broken")] },
      { text: "I mend it.", toolUses: [mend, bash("./test.sh && echo mended")] },
      DONE,
    );
    const { end } = await run(gateway);
    expect(end).toEqual({ exitCode: WorkerExit.done, message: "" });
    expect(gateway.types()).toEqual([
      "worker.ready",
      "repository.cloned",
      "assistant.message",
      ...["tool.started", "tool.finished", "tool.started", "tool.finished"],
      "assistant.message",
      ...["tool.started", "tool.finished", "tool.started", "tool.finished"],
      "assistant.message",
      ...["tool.started", "tool.finished"],
      "branch.pushed",
      "checkpoint.saved",
      "turn.finished",
    ]);
    expect(gateway.events("tool.finished").map(({ content }) => content)).toEqual([
      "#!/bin/sh\necho $(($1 - $2))",
      "broken",
      "edited sum.sh (1 replacement(s))",
      "mended",
      "The turn ends here.",
    ]);
    expect(gateway.events("turn.finished")).toEqual([{ type: "turn.finished", ...finish.input }]);
    const tip = (await gateway.repository.git("rev-parse", BRANCH)).trim();
    expect(gateway.events("branch.pushed")).toEqual([{ type: "branch.pushed", branch: BRANCH, commit: tip }]);
    expect(await gateway.repository.git("show", `${BRANCH}:sum.sh`)).toContain("$1 + $2");
    expect(await gateway.repository.git("log", "-1", "--format=%an|%s", BRANCH)).toBe(
      `Farhand|${finish.input.title}\n`,
    );
  });

  test("streams the pieces of an answer under the id that its event has", async () => {
    const gateway = await start({ text: "A sentence of some length." }, DONE);
    await run(gateway);
    const [answer] = gateway.events("assistant.message");
    const pieces = gateway.deltas.filter(
      ({ messageId, kind: pieceKind }) => messageId === answer?.messageId && pieceKind === "text",
    );
    expect("A sentence of some length.").toStartWith(pieces.map(({ text }) => text).join(""));
  });

  test("has every answer on the disk before its tools run, and every result before the next request", async () => {
    const gateway = await start({ toolUses: [bash("cut -c1-90 ../spool/events.jsonl | tail -2")] }, DONE);
    let spooled = "";
    const spool = join(gateway.workspace, "spool/events.jsonl");
    gateway.intercept = async (_, path) => {
      if (path === "/v1/messages") spooled = await Bun.file(spool).text();
      return null;
    };
    await run(gateway);
    const [seen] = gateway.events("tool.finished");
    expect(seen?.content).toMatch(/"type":"assistant.message".*\n.*"type":"tool.started"/);
    expect(spooled.trim().split("\n").at(-1)).toContain("tool.finished");
  });

  test("marks the instructions and the conversation's end for the cache, and never changes what it has sent", async () => {
    const gateway = await start({ toolUses: [bash("true")] }, { toolUses: [bash("true")] }, DONE);
    await run(gateway);
    const requests = gateway.modelRequests as {
      system: unknown;
      tools: unknown;
      messages: Message[];
      cache_control: unknown;
    }[];
    expect(requests).toHaveLength(3);
    for (const [index, request] of requests.entries()) {
      expect(request.cache_control).toEqual({ type: "ephemeral" });
      expect(request.system).toMatchObject([{ cache_control: { type: "ephemeral" } }]);
      expect([request.system, request.tools]).toEqual([requests[0]?.system, requests[0]?.tools]);
      const before = requests[index - 1]?.messages ?? [];
      expect(request.messages.slice(0, before.length)).toEqual(before);
    }
    expect(JSON.stringify(requests[0]?.system)).toContain("Run ./test.sh before you commit.");
  });

  test("gives the model's thoughts back to it", async () => {
    const gateway = await start({ thinking: "It subtracts.", toolUses: [bash("true")] }, DONE);
    await run(gateway);
    const answer = requestMessages(gateway, 1).find(({ role }) => role === "assistant");
    expect(answer?.content[0]).toMatchObject({ type: "thinking", signature: expect.any(String) });
    expect(gateway.events("turn.finished")).toHaveLength(1);
  });

  test("that ends without a call of finish takes title and summary from the prompt and the last words", async () => {
    const gateway = await start({ toolUses: [mend] }, { text: "All mended." });
    await run(gateway);
    expect(gateway.events("turn.finished")).toMatchObject([
      { title: "Mend the sum", summary: "All mended." },
    ]);
  });

  test("that changes nothing pushes nothing", async () => {
    const gateway = await start(DONE);
    await run(gateway);
    expect(gateway.events("branch.pushed")).toMatchObject([{ commit: null }]);
    expect(await gateway.repository.git("branch", "--list", BRANCH)).toBe("");
  });

  test("waits as long as the API asks at 429, asks again after 529, and says so", async () => {
    const gateway = await start(
      { error: "rate_limit_error", retryAfterSeconds: 7 },
      { error: "overloaded_error" },
      { error: "api_error" },
      DONE,
    );
    const { waitsMs } = await run(gateway);
    expect(waitsMs).toEqual([7_000, 1_500, 3_000]);
    const notices = gateway.events("notice");
    expect(notices.map(({ code }) => code)).toEqual(["model_retry", "model_retry", "model_retry"]);
    expect(notices[0]?.message).toContain("rate limit");
    expect(gateway.events("turn.finished")).toHaveLength(1);
  });

  test("whose answer is cut in mid-stream asks again from the same place", async () => {
    const gateway = await start({ toolUses: [bash("echo once >> ../ran")] }, { cutAfterEvents: 4 }, DONE);
    await run(gateway);
    expect(gateway.events("notice").map(({ code }) => code)).toEqual(["model_retry"]);
    expect(requestMessages(gateway, 2)).toEqual(requestMessages(gateway, 1));
    expect(await Bun.file(join(gateway.workspace, "ran")).text()).toBe("once\n");
    expect(gateway.events("turn.finished")).toHaveLength(1);
  });

  test("that the API never takes fails when the retries are used up, and keeps its work", async () => {
    const overloaded: Step = { error: "overloaded_error" };
    const gateway = await start({ toolUses: [mend] }, overloaded, overloaded, overloaded, overloaded);
    const { end, waitsMs } = await run(gateway);
    expect(end.exitCode).toBe(WorkerExit.done);
    expect(waitsMs).toHaveLength(3);
    expect(gateway.events("turn.failed")).toMatchObject([
      { failure: { code: "model_overloaded", retryable: true } },
    ]);
    expect(gateway.types().at(-1)).toBe("turn.failed");
    expect(await gateway.repository.git("log", "-1", "--format=%s", BRANCH)).toBe(
      "Unfinished: Mend the sum\n",
    );
  });

  test.each([
    ["invalid_request_error", "model_request_refused"],
    ["not_found_error", "model_unknown"],
    ["permission_error", "model_key_refused"],
  ] as const)("that the API refuses with %s fails as %s in the API's own words", async (error, code) => {
    const gateway = await start({ error, message: "these very words" });
    const { waitsMs } = await run(gateway);
    expect(waitsMs).toEqual([]);
    const [failed] = gateway.events("turn.failed");
    expect(failed?.failure).toMatchObject({ code, message: expect.stringContaining("these very words") });
  });

  test("takes a message in before the next request, behind the results", async () => {
    const gateway = await start({ toolUses: [bash("until test -e ../go; do sleep 0.01; done")] }, DONE);
    gateway.onEvent = (event) => {
      if (event.type !== "tool.started" || event.name !== "bash") return;
      void say(gateway, "Use addition.").then(() => writeFile(join(gateway.workspace, "go"), ""));
    };
    await run(gateway);
    // Once when it was told, and once at the end.
    expect(gateway.takes).toEqual([0, 1]);
    expect(requestMessages(gateway, 1).at(-1)?.content).toMatchObject([
      { type: "tool_result" },
      { type: "text", text: "Use addition." },
    ]);
  });

  test("goes on when a message comes while the model is finishing", async () => {
    const gateway = await start(
      { toolUses: [bash("until test -e ../go; do sleep 0.01; done"), finish] },
      { text: "Very well." },
    );
    gateway.onEvent = (event) => {
      if (event.type !== "tool.started" || event.name !== "bash") return;
      void say(gateway, "One more thing.").then(() => writeFile(join(gateway.workspace, "go"), ""));
    };
    await run(gateway);
    expect(gateway.modelRequests).toHaveLength(2);
    expect(gateway.events("turn.finished")).toMatchObject([{ summary: "Very well." }]);
  });

  test("goes on when a message comes while the branch is pushed", async () => {
    const gateway = await start({ toolUses: [mend, finish] }, { text: "Very well." });
    let said: Promise<void> | null = null;
    gateway.intercept = async (request, path) => {
      if (said || !path.endsWith("/git-receive-pack") || request.method !== "POST") return null;
      said = say(gateway, "One more thing.");
      await said;
      return null;
    };
    await run(gateway);
    expect(gateway.events("branch.pushed")).toHaveLength(2);
    expect(gateway.events("turn.finished")).toMatchObject([{ summary: "Very well." }]);
  });

  test("that is cancelled kills its tool, keeps every event and exits as cancelled", async () => {
    const gateway = await start({ toolUses: [bash("echo $$ > ../pid; exec sleep 600")] });
    gateway.onEvent = (event) => {
      if (event.type === "tool.started")
        void pidIn(join(gateway.workspace, "pid")).then(() => gateway.signal("cancel"));
    };
    const { end } = await run(gateway);
    expect(end.exitCode).toBe(WorkerExit.cancelled);
    expect(gateway.types().slice(-3)).toEqual(["tool.started", "checkpoint.saved", "turn.stopped"]);
    expect(gateway.events("tool.finished")).toEqual([]);
    await untilDead(await pidIn(join(gateway.workspace, "pid")));
  });

  test("ends where the model may not be asked any more, with what is there", async () => {
    const gateway = await start({ text: "Mending.", toolUses: [mend] }, { toolUses: [bash("true")] }, DONE);
    gateway.assignment.limits.maxModelCalls = 2;
    await run(gateway);
    expect(gateway.modelRequests).toHaveLength(2);
    expect(gateway.events("notice").map(({ code }) => code)).toEqual(["call_limit"]);
    expect(gateway.events("turn.finished")).toHaveLength(1);
    expect(gateway.events("branch.pushed")[0]?.commit).not.toBeNull();
  });
});

test("a call of a tool that does not exist is answered and reported as an error", async () => {
  const gateway = await gatewayOver(
    await aimock.start([{ toolUses: [{ name: "teleport", input: {} }] }, DONE]),
  );
  await run(gateway);
  expect(gateway.events("tool.finished")[0]).toMatchObject({ name: "teleport", isError: true });
  expect(gateway.events("turn.finished")).toHaveLength(1);
});

describe("an answer that makes no sense", () => {
  const cutCall = { name: "bash", rawInput: '{"command":"touch ../ran' };
  const garbage = { name: "bash", rawInput: '{"command" "x"]' };

  test.each([cutCall, garbage])(
    "with the tool call $rawInput is dropped and asked for again; nothing is run",
    async (call) => {
      const turn = { toolUses: [finish], faults: [{ instead: { text: "Hm.", toolUses: [call] } }] };
      const gateway = await gatewayOver(await startScenario([turn]));
      await run(gateway);
      expect(gateway.events("notice")[0]?.message).toContain("not valid JSON");
      expect(await Bun.file(join(gateway.workspace, "ran")).exists()).toBe(false);
      expect(gateway.events("assistant.message")).toHaveLength(1);
      expect(gateway.events("turn.finished")).toHaveLength(1);
    },
  );

  test("each time fails the turn as a bad answer", async () => {
    const gateway = await gatewayOver(await startScenario([{ toolUses: [cutCall] }]));
    await run(gateway);
    expect(gateway.events("turn.failed")).toMatchObject([{ failure: { code: "model_bad_answer" } }]);
  });
});

test("an error in mid-stream is tried again", async () => {
  const faults = [{ errorEvent: "overloaded_error" as const, afterEvents: 3 }];
  const gateway = await gatewayOver(
    await startScenario([{ text: "Some words.", toolUses: [finish], faults }]),
  );
  await run(gateway);
  expect(gateway.events("notice")[0]?.message).toContain("overloaded");
  expect(gateway.events("turn.finished")).toHaveLength(1);
});

test("a model that declines fails the turn with a sentence", async () => {
  const gateway = await gatewayOver(await startScenario([{ text: "No.", stopReason: "refusal" }]));
  await run(gateway);
  const [failed] = gateway.events("turn.failed");
  expect(failed?.failure).toMatchObject({
    code: "model_request_refused",
    message: expect.stringContaining("declined"),
  });
});

test("calls of an answer that is cut at its token limit are not run, and the model may try again", async () => {
  const gateway = await gatewayOver(
    await startScenario([
      { text: "Now", toolUses: [bash("touch ../ran")], stopReason: "max_tokens" },
      { toolUses: [finish] },
    ]),
  );
  await run(gateway);
  expect(await Bun.file(join(gateway.workspace, "ran")).exists()).toBe(false);
  expect(gateway.events("notice").map(({ code }) => code)).toEqual(["answer_cut"]);
  expect(gateway.events("tool.finished")[0]).toMatchObject({
    isError: true,
    content: expect.stringContaining("Not run"),
  });
  expect(gateway.events("turn.finished")).toHaveLength(1);
});

test("a wrong key fails the turn as such", async () => {
  const gateway = await gatewayOver(await startScenario([{ text: "Hello." }]));
  gateway.intercept = (_, path) => {
    const error = { type: "authentication_error", message: "invalid x-api-key" };
    return path === "/v1/messages" ? Response.json({ type: "error", error }, { status: 401 }) : null;
  };
  await run(gateway);
  expect(gateway.events("turn.failed")).toMatchObject([{ failure: { code: "model_key_refused" } }]);
});

describe("a worker that takes over from another", () => {
  const interrupted: Message[] = [
    { role: "user", content: [{ type: "text", text: "Mend the sum" }] },
    {
      role: "assistant",
      content: [
        { type: "text", text: "I try." },
        { type: "tool_use", id: "toolu_1", name: "bash", input: { command: "./deploy" } },
      ],
    },
  ];

  test("tells the model which call was interrupted, and does not repeat it", async () => {
    const gateway = await gatewayOver(await startScenario([{ text: "never" }, { toolUses: [finish] }]));
    gateway.assign({ attempt: 2, messages: interrupted });
    await run(gateway);
    expect(gateway.events("tool.finished")[0]).toMatchObject({
      toolUseId: "toolu_1",
      isError: true,
      content: INTERRUPTED,
    });
    expect(gateway.events("tool.started").map(({ name }) => name)).toEqual(["finish"]);
    expect(requestMessages(gateway, 0).at(-1)?.content).toMatchObject([
      { type: "tool_result", tool_use_id: "toolu_1" },
    ]);
    expect(gateway.events("turn.finished")).toHaveLength(1);
  });

  test("only ends the turn when the model had ended it", async () => {
    const gateway = await gatewayOver(await startScenario([{ text: "never" }]));
    const messages: Message[] = [
      ...interrupted.slice(0, 1),
      { role: "assistant", content: [{ type: "text", text: "Done." }] },
    ];
    gateway.assign({ attempt: 2, messages });
    await run(gateway);
    expect(gateway.modelRequests).toEqual([]);
    expect(gateway.events("turn.finished")).toMatchObject([{ summary: "Done." }]);
  });

  test("goes on where somebody has written after that", async () => {
    const gateway = await gatewayOver(await startScenario([{ text: "never" }, { text: "Very well." }]));
    const messages: Message[] = [
      ...interrupted.slice(0, 1),
      { role: "assistant", content: [{ type: "text", text: "Done." }] },
    ];
    gateway.assign({ attempt: 2, messages });
    gateway.write("One more thing.");
    await run(gateway);
    expect(gateway.modelRequests).toHaveLength(1);
    expect(gateway.events("turn.finished")).toMatchObject([{ summary: "Very well." }]);
  });
});

describe("a gateway in trouble", () => {
  test("that is away for a while costs no event", async () => {
    const gateway = await gatewayOver(await startScenario([{ toolUses: [mend] }, { toolUses: [finish] }]));
    let refusals = 0;
    gateway.intercept = (_, path) => {
      if (path !== WorkerRoutes.events || refusals++ > 20) return null;
      return new Response("away", { status: 503 });
    };
    await run(gateway);
    expect(gateway.types().at(-1)).toBe("turn.finished");
    expect(gateway.log.map(({ n }) => n)).toEqual(gateway.log.map((_, index) => index + 1));
  });

  test("that lost events gets them again", async () => {
    const gateway = await gatewayOver(await startScenario([{ toolUses: [mend] }, { toolUses: [finish] }]));
    let lost = false;
    gateway.onEvent = (event) => {
      if (event.type !== "tool.started" || lost) return;
      lost = true;
      gateway.log.length = 1;
    };
    await run(gateway);
    expect(gateway.log.map(({ n }) => n)).toEqual(gateway.log.map((_, index) => index + 1));
    expect(gateway.types().at(-1)).toBe("turn.finished");
  });

  test.each([
    [410, WorkerExit.stale],
    [426, WorkerExit.unsupportedProtocol],
  ])("that answers %d ends the worker at once with exit code %d", async (status, exitCode) => {
    const gateway = await gatewayOver(await startScenario([{ toolUses: [bash("sleep 600")] }]));
    let over = false;
    gateway.onEvent = (event) => {
      over ||= event.type === "tool.started";
    };
    gateway.intercept = async (_, path) => {
      if (path === WorkerRoutes.inbox) await until(() => over);
      return over ? new Response(null, { status }) : null;
    };
    const { end } = await run(gateway);
    expect(end.exitCode).toBe(exitCode);
    expect(end.message).not.toBe("");
  });

  test("that speaks another protocol in its assignment is left", async () => {
    const gateway = await gatewayOver(await startScenario([{ text: "Hello." }]));
    gateway.assignment.protocol = 99;
    expect((await run(gateway)).end.exitCode).toBe(WorkerExit.unsupportedProtocol);
  });

  test("that refuses the assignment fails the turn", async () => {
    const gateway = await gatewayOver(await startScenario([{ text: "Hello." }]));
    gateway.intercept = (_, path) =>
      path === WorkerRoutes.assignment ? new Response("not you", { status: 403 }) : null;
    const { end } = await run(gateway);
    expect(end).toMatchObject({ exitCode: WorkerExit.done, message: expect.stringContaining("not you") });
    expect(gateway.events("turn.failed")).toMatchObject([{ failure: { code: "worker_failed" } }]);
  });

  test("that refuses events for good ends the worker with what it said", async () => {
    const gateway = await gatewayOver(await startScenario([{ text: "Hello." }]));
    gateway.intercept = (_, path) =>
      path === WorkerRoutes.events ? new Response("not these", { status: 400 }) : null;
    const { end } = await run(gateway);
    expect(end.exitCode).toBe(WorkerExit.crashed);
    expect(end.message).toContain("not these");
  });
});

test("a base branch that does not exist fails the turn as such", async () => {
  const gateway = await gatewayOver(await startScenario([{ text: "Hello." }]));
  gateway.assignment.baseBranch = "nope";
  await run(gateway);
  expect(gateway.events("turn.failed")).toMatchObject([{ failure: { code: "branch_not_found" } }]);
});

test("a push that is refused fails the turn with git's sentence", async () => {
  const gateway = await gatewayOver(await startScenario([{ toolUses: [mend, finish] }]));
  const hook = join(gateway.repository.path, "hooks/pre-receive");
  await mkdir(join(gateway.repository.path, "hooks"), { recursive: true });
  await writeFile(hook, "#!/bin/sh\necho 'policy: not this branch' >&2\nexit 1\n");
  await chmod(hook, 0o755);
  await run(gateway);
  const [failed] = gateway.events("turn.failed");
  expect(failed?.failure).toMatchObject({
    code: "push_refused",
    message: expect.stringContaining("not this branch"),
  });
});

test("the agent's shell reaches its remote without any token, and cannot find the attempt's", async () => {
  const gateway = await gatewayOver(
    await startScenario([
      {
        toolUses: [
          bash("git fetch origin && git push -q origin HEAD && echo pushed; env; cat .git/config; ls -a ~"),
        ],
      },
      { toolUses: [finish] },
    ]),
  );
  await run(gateway);
  const [seen] = gateway.events("tool.finished");
  expect(seen?.content).toContain("pushed");
  expect(seen?.content).not.toContain(gateway.token);
  expect(JSON.stringify(gateway.log)).not.toContain(MODEL_KEY);
});
