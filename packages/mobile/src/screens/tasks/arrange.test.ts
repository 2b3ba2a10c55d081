import type { Task } from "@farhand/protocol";
import { aTask } from "../../../test/a-task.ts";
import { strings } from "../../strings/strings.ts";
import { arrange, recentRepositories } from "./arrange.ts";
import { actionsOf, groupOf, stateOf, titleOf } from "./standing.ts";

const ALL = { search: "", filter: "all" } as const;

test("what needs a person comes first, then what works, then what is done", () => {
  const tasks = [
    aTask({ state: "idle" }),
    aTask({ state: "running" }),
    aTask({ state: "waiting" }),
    aTask({ state: "archived" }),
  ];
  expect(arrange(tasks, ALL).map(({ group }) => group)).toEqual(["needsYou", "working", "done"]);
  expect(arrange(tasks, { search: "", filter: "archived" }).map(({ group }) => group)).toEqual(["archived"]);
});

test("a question needs a person also where another task has taken the sandbox's place", () => {
  const question = { questionId: "q_1", question: "Which?", options: [] } as unknown as Task["question"];
  const asks = aTask({ state: "queued", question });
  expect([groupOf(asks), stateOf(asks).text]).toEqual(["needsYou", strings.state.waiting]);
  expect(groupOf(aTask({ state: "queued" }))).toBe("working");
});

test("a budget needs a person also where the task has no sandbox, and can be stopped there", () => {
  const held = aTask({ state: "queued", delayedBy: { code: "budget_reached", message: "Used up." } });
  expect([groupOf(held), stateOf(held).text]).toEqual(["needsYou", strings.state.budget]);
  expect(actionsOf(held)).toEqual(["stop", "cancel"]);
  const full = aTask({ state: "queued", delayedBy: { code: "disk_full", message: "Full." } });
  expect([groupOf(full), stateOf(full).text]).toEqual(["working", strings.state.delayed]);
  expect(actionsOf(full)).toEqual(["cancel"]);
});

test("in a group the one that changed last comes first", () => {
  const early = aTask({ updatedAt: "2026-03-01T10:00:00.000Z" });
  const late = aTask({ updatedAt: "2026-03-02T10:00:00.000Z" });
  expect(arrange([early, late], ALL)[0]?.tasks).toEqual([late, early]);
});

test("all words of a search must be found, in title, prompt, repository or branch", () => {
  const one = aTask({ title: "Mend the login", repository: "git@host:team/shop.git" });
  const other = aTask({ title: "Mend the cart" });
  const found = (search: string) =>
    arrange([one, other], { search, filter: "all" }).flatMap(({ tasks }) => tasks);
  expect(found("mend SHOP")).toEqual([one]);
  expect(found("mend")).toHaveLength(2);
  expect(found("nothing")).toEqual([]);
});

test("an approval that is wanted says so, and can be given", () => {
  const failure = { code: "approval_needed" as const, message: "", action: "", retryable: false };
  const task = aTask({ state: "failed", failure });
  expect([groupOf(task), stateOf(task).text, actionsOf(task)[0]]).toEqual([
    "needsYou",
    "Needs approval",
    "approve",
  ]);
});

test("a state of a newer server is shown by its own name", () => {
  expect(stateOf(aTask({ state: "dreaming" as never })).text).toBe("dreaming");
});

test("a task is called by its title, or by its prompt's first line", () => {
  expect(titleOf({ title: "T", prompt: "P" })).toBe("T");
  expect(titleOf({ title: null, prompt: "\n First \nsecond" })).toBe("First");
});

test("repositories come once, the last used first", () => {
  const tasks = [
    aTask({ repository: "a", createdAt: "2026-03-01T10:00:00.000Z" }),
    aTask({ repository: "b", createdAt: "2026-03-02T10:00:00.000Z" }),
    aTask({ repository: "a", createdAt: "2026-03-03T10:00:00.000Z" }),
  ];
  expect(recentRepositories(tasks)).toEqual(["a", "b"]);
});
