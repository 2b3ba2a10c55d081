import { afterEach, expect, test } from "bun:test";
import { WorkerRoutes } from "@farhand/protocol";
import { TestGateway } from "../test/gateway.ts";
import { type ModelDouble, type Step, simulator } from "../test/models.ts";
import { run } from "../test/run-worker.ts";
import { until } from "../test/until.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  const used = cleanup;
  cleanup = new AsyncDisposableStack();
  await used.disposeAsync();
});

async function start(...steps: Step[]): Promise<TestGateway> {
  const model: ModelDouble = cleanup.use(await simulator.start(steps));
  const gateway = cleanup.use(await TestGateway.start(model.url));
  cleanup.defer(() => expect(gateway.violations).toEqual([]));
  return gateway;
}

const ask = (input: Record<string, unknown>) => ({ name: "ask_user", input });
const DONE: Step = { toolUses: [{ name: "finish", input: { title: "Asked", summary: "It was answered." } }] };

test("a question is reported, waited for longer than a tool may take, and its answer goes to the model as it is", async () => {
  const gateway = await start(
    {
      toolUses: [
        ask({ question: " Which? ", options: ["a", "b"] }),
        { name: "bash", input: { command: "echo next" } },
      ],
    },
    DONE,
  );
  gateway.assign({ limits: { ...gateway.assignment.limits, toolTimeoutMs: 50 } });
  const ended = run(gateway);
  await until(() => gateway.events("question.asked").length === 1);
  const [asked] = gateway.events("question.asked");
  const [call] = gateway.events("tool.started");
  expect(asked).toEqual({
    type: "question.asked",
    questionId: call?.toolUseId ?? "",
    question: "Which?",
    options: ["a", "b"],
  });
  expect(call).toMatchObject({ name: "ask_user", label: "Which?" });
  await Bun.sleep(150);
  expect(gateway.events("tool.finished")).toEqual([]);
  gateway.outcomes.set(asked?.questionId ?? "", { status: "answered", answer: "b, but quickly" });
  await ended;
  expect(gateway.events("tool.finished").map(({ content, isError }) => [content, isError])).toEqual([
    ["b, but quickly", false],
    ["next", false],
    ["The turn ends here.", false],
  ]);
  expect(JSON.stringify(gateway.modelRequests.at(-1))).toContain("b, but quickly");
});

test("an answer arrives although the gateway was away, or held the question open for long", async () => {
  const gateway = await start({ toolUses: [ask({ question: "Which?" })] }, DONE);
  let asks = 0;
  gateway.intercept = (_request, path) => {
    if (path !== WorkerRoutes.answer) return null;
    asks += 1;
    if (asks === 1) return new Response(null, { status: 503 });
    if (asks === 2) return Response.json({ status: "open" });
    return Response.json({ status: "answered", answer: "this one" });
  };
  await run(gateway);
  expect(asks).toBe(3);
  expect(gateway.events("question.asked")).toHaveLength(1);
  expect(gateway.events("tool.finished")[0]).toMatchObject({ content: "this one", isError: false });
});

test("a question that cannot be one is the model's mistake, and nobody is asked", async () => {
  const tooMany = Array.from({ length: 7 }, (_, index) => `option ${index}`);
  const gateway = await start(
    { toolUses: [ask({ question: "  " })] },
    { toolUses: [ask({ question: "Which?", options: tooMany })] },
    DONE,
  );
  await run(gateway);
  expect(gateway.events("question.asked")).toEqual([]);
  for (const result of gateway.events("tool.finished").slice(0, 2))
    expect(result).toMatchObject({ isError: true, content: expect.stringContaining("at most 6 options") });
});

test("a question that is closed, or whose turn is stopped, is not waited for any more", async () => {
  const gateway = await start(
    { toolUses: [ask({ question: "Which?" })] },
    { toolUses: [ask({ question: "And?" })] },
  );
  const ended = run(gateway);
  await until(() => gateway.events("question.asked").length === 1);
  gateway.outcomes.set(gateway.events("question.asked")[0]?.questionId ?? "", { status: "closed" });
  await until(() => gateway.events("question.asked").length === 2);
  expect(gateway.events("tool.finished")).toMatchObject([{ isError: true }]);
  gateway.signal("stop");
  await ended;
  expect(gateway.types().at(-1)).toBe("turn.stopped");
});
