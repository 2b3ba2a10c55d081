import type { FollowItem } from "@farhand/client";
import type { EventBody } from "@farhand/protocol";

export const TASK_ID = "t_01j9z3k4m5n6p7q8r9s0t1v2w3";
const BASE = "1".repeat(40);
const WORK = "2".repeat(40);

export const CANNED_DIFF = `diff --git a/src/cart.js b/src/cart.js
index 1111111..2222222 100644
--- a/src/cart.js
+++ b/src/cart.js
@@ -3,7 +3,7 @@ export function total(items) {
   let sum = 0;
-  for (let i = 0; i < items.length - 1; i++) {
+  for (let i = 0; i < items.length; i++) {
     sum += items[i].price;
   }
   return sum;
diff --git a/test/cart.test.js b/test/cart.test.js
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/test/cart.test.js
@@ -0,0 +1,1 @@
+test("an empty cart costs nothing", () => {});
`;

/** A whole run as a client sees it: events with their seq, and pieces of answers between them. */
export function cannedRun(): FollowItem[] {
  const items: FollowItem[] = [
    { type: "connection", status: "connecting" },
    { type: "connection", status: "live" },
  ];
  let seq = 0;
  let atMs = Date.parse("2026-01-02T03:04:05.000Z");
  let messages = 0;

  const event = (afterMs: number, body: EventBody) => {
    atMs += afterMs;
    seq += 1;
    items.push({
      type: "event",
      event: { taskId: TASK_ID, seq, attempt: seq < 4 ? 0 : 1, at: new Date(atMs).toISOString(), body },
    });
  };
  const say = (text: string, options: { thinking?: string; streamed?: boolean } = {}) => {
    messages += 1;
    const messageId = `msg_${messages}`;
    const blocks = [
      ...(options.thinking ? [{ kind: "thinking" as const, text: options.thinking }] : []),
      { kind: "text" as const, text },
    ];
    if (options.streamed !== false) {
      blocks.forEach((block, index) => {
        for (const piece of block.text.match(/\S+\s*/g) ?? []) {
          items.push({ type: "delta", delta: { messageId, index, kind: block.kind, text: piece } });
        }
      });
    }
    event(600, {
      type: "assistant.message",
      messageId,
      model: "claude-sonnet-5-5",
      content: blocks.map((block) =>
        block.kind === "text"
          ? { type: "text", text: block.text }
          : { type: "thinking", thinking: block.text },
      ),
      stopReason: "tool_use",
    });
    event(2, {
      type: "model.used",
      model: "claude-sonnet-5-5",
      usage: {
        inputTokens: 40,
        outputTokens: 160,
        cacheCreationInputTokens: 300,
        cacheReadInputTokens: 2100,
      },
      costUsd: 0.0042,
    });
  };
  let tools = 0;
  const tool = (name: string, label: string, content: string, durationMs: number, isError = false) => {
    tools += 1;
    event(1, { type: "tool.started", toolUseId: `tool_${tools}`, name, label });
    event(durationMs, {
      type: "tool.finished",
      toolUseId: `tool_${tools}`,
      name,
      isError,
      content,
      durationMs,
    });
  };

  event(0, {
    type: "task.created",
    repository: "https://github.com/acme/cart.git",
    prompt: "The test of the cart's total fails. Find out why and mend it.",
    model: "claude-sonnet-5-5",
    baseBranch: null,
    branch: "farhand/mend-the-cart-total",
    forkedFrom: null,
  });
  event(0, {
    type: "turn.started",
    turn: 1,
    messageId: "m_01j9z3k4m5n6p7q8r9s0t1v2w3",
    text: "The test of the cart's total fails. Find out why and mend it.",
    isRetry: false,
  });
  event(20, { type: "state.changed", from: "queued", to: "starting", failure: null });
  event(1, { type: "attempt.started", attempt: 1, sandbox: "docker" });
  event(180, { type: "repository.ready", baseBranch: "main", commit: BASE, durationMs: 176 });
  event(60, { type: "worker.ready", version: "0.1.0", startMs: 21 });
  event(90, { type: "repository.cloned", commit: BASE, durationMs: 84 });
  event(1, { type: "state.changed", from: "starting", to: "running", failure: null });
  say("I'll look at what is here first, then run the tests to see how they fail.", {
    thinking: "The total is probably off by one item; the test will tell which.",
  });
  tool("bash", "git ls-files", "package.json\nsrc/cart.js\ntest/cart.test.js\n", 31);
  tool("read", "src/cart.js", Array.from({ length: 34 }, (_, line) => `${line + 1}\tcode`).join("\n"), 3);
  tool(
    "bash",
    "node --test",
    `${Array.from({ length: 40 }, (_, line) => `# Subtest: case ${line + 1}`).join("\n")}\nnot ok 3 - the total has every item\n  expected: 30\n  actual: 20\n\u001b[31m# fail 1\u001b[0m\n`,
    412,
    true,
  );
  say(
    "The loop in `src/cart.js` stops **one item early**:\n\n- it runs while `i < items.length - 1`, so the last price is never added to the sum\n- the test with three items is the first to see it",
  );
  event(5, {
    type: "notice",
    level: "warning",
    code: "model_retry",
    message: "The model was overloaded (529); trying again in 2 s.",
  });
  tool("edit", "src/cart.js", "The file src/cart.js has been edited.", 4);
  tool("bash", "node --test", "# tests 43\n# pass 43\n# fail 0\n", 398);
  say("All 43 tests pass now.", { streamed: false });
  tool("finish", "Count the last item in the cart's total", "The turn ends here.", 0);
  event(40, { type: "branch.pushed", branch: "farhand/mend-the-cart-total", commit: WORK });
  event(1, { type: "checkpoint.saved", turn: 1, commit: WORK, isFinal: true });
  event(2, {
    type: "turn.finished",
    title: "Count the last item in the cart's total",
    summary:
      "`total` left out the last item, because its loop ended at `length - 1`.\nIt now runs over all items; the failing test passes, and so do the other 42.",
  });
  event(80, { type: "attempt.ended", attempt: 1, exitCode: 0, sandboxRemoved: true });
  event(50, {
    type: "branch.published",
    branch: "farhand/mend-the-cart-total",
    commit: WORK,
    filesChanged: 2,
    insertions: 2,
    deletions: 1,
  });
  event(120, {
    type: "pull_request.opened",
    url: "https://github.com/acme/cart/pull/7",
    number: 7,
    existed: false,
  });
  event(1, { type: "state.changed", from: "running", to: "idle", failure: null });
  return items;
}

/** A second turn after the canned run: asked for by a message, and steered by another one. */
export function cannedSecondTurn(): FollowItem[] {
  const first = cannedRun().filter((item) => item.type === "event");
  const bodies: EventBody[] = [
    { type: "turn.started", turn: 2, messageId: "m_2", text: "Now the tax as well.", isRetry: false },
    { type: "state.changed", from: "idle", to: "queued", failure: null },
    { type: "attempt.resumed", attempt: 1, turn: 2 },
    { type: "state.changed", from: "queued", to: "running", failure: null },
    { type: "checkpoint.saved", turn: 2, commit: BASE, isFinal: false },
    { type: "message.queued", messageId: "m_3", text: "Round it up." },
    { type: "user.message", messageId: "m_3", text: "Round it up." },
    { type: "turn.finished", title: "Add the tax", summary: "It is rounded up." },
    { type: "state.changed", from: "running", to: "idle", failure: null },
  ];
  return bodies.map((body, index) => ({
    type: "event",
    event: {
      taskId: TASK_ID,
      seq: first.length + index + 1,
      attempt: 1,
      at: "2026-01-02T04:00:00.000Z",
      body,
    },
  }));
}
