import { draftProblem, parseAmount, taskOfDraft } from "./draft.ts";

const draft = {
  repository: " https://github.com/you/project ",
  prompt: "Fix it",
  model: null,
  baseBranch: null,
  maxUsd: null,
  maxTokens: null,
  attachments: [],
};

test("a draft names what is missing, the first thing first", () => {
  expect(draftProblem({ ...draft, repository: " ", prompt: "" }, 100)?.field).toBe("repository");
  expect(draftProblem({ ...draft, prompt: " \n" }, 100)?.field).toBe("prompt");
  expect(draftProblem({ ...draft, prompt: "é".repeat(51) }, 100)?.field).toBe("prompt");
  expect(draftProblem({ ...draft, model: "not a model" }, 100)?.field).toBe("model");
  expect(draftProblem({ ...draft, baseBranch: "a..b" }, 100)?.field).toBe("baseBranch");
  const wrong = { usd: null, tokens: " 2.5 " };
  expect(draftProblem(draft, 100, wrong)).toMatchObject({
    field: "budget",
    text: expect.stringContaining("“2.5”"),
  });
  expect(draftProblem(draft, 100)).toBeNull();
});

test("what was left empty is the server's to say", () => {
  expect(taskOfDraft(draft)).toEqual({ repository: "https://github.com/you/project", prompt: "Fix it" });
  expect(taskOfDraft({ ...draft, maxUsd: 2 }).budget).toEqual({ maxUsd: 2, maxTokens: null });
});

test.each([
  ["", false, null],
  ["2.5", false, 2.5],
  ["2,5", false, 2.5],
  ["2.5", true, undefined],
  ["1000001", false, undefined],
  ["1000001", true, 1_000_001],
  ["-1", false, undefined],
  ["x", false, undefined],
])("an amount of %s", (text, isWhole, amount) => {
  expect(parseAmount(text, isWhole)).toBe(amount);
});
