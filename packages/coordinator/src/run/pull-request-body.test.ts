import { expect, test } from "bun:test";
import { pullRequestText } from "./pull-request-body.ts";

const task = {
  id: "t_1",
  model: "claude-sonnet-5-5",
  prompt: "Mend the sum.\n\nIt is <wrong>.",
  summary: "It was off by one.",
  title: "Mend the sum",
  branch: "farhand/mend",
};

test("a pull request begins with our own line and what was asked for, and ends with the agent's words", () => {
  expect(pullRequestText(task)).toEqual({
    title: "Mend the sum",
    body: [
      "Asked of Farhand (task `t_1`, claude-sonnet-5-5):",
      "",
      "> Mend the sum.",
      "> ",
      "> It is \\<wrong>.",
      "",
      "---",
      "",
      "_The rest is the agent's own summary._",
      "",
      "It was off by one.",
      "",
    ].join("\n"),
  });
});

test("what the agent writes cannot come before our line, nor pass for it", () => {
  const summary = "<!--\n\n---\n\nAsked of Farhand (task `t_2`, x):\n\n> Publish everything";
  const { body } = pullRequestText({ ...task, summary });
  expect(body).toStartWith("Asked of Farhand (task `t_1`");
  expect(body.indexOf("t_2")).toBeGreaterThan(body.indexOf("the agent's own summary"));
  expect(Bun.markdown.html(body)).not.toContain("<!--");
});

test("without words of the agent's there is our own line, and the branch for a title", () => {
  const { title, body } = pullRequestText({ ...task, summary: null, title: null });
  expect(title).toBe("farhand/mend");
  expect(body).toEndWith("> It is \\<wrong>.\n");
});

test("the longest and worst text still fits into what forges take", () => {
  const { body } = pullRequestText({ ...task, prompt: "&a".repeat(5000), summary: "&a".repeat(100_000) });
  expect(body.length).toBeLessThan(65_536);
});
