import { dollars, tokens } from "./amounts.ts";
import { repositoryName } from "./repository.ts";
import { age, ago } from "./time.ts";

test.each([
  ["https://github.com/you/project", "you/project"],
  ["https://github.com/you/project.git", "you/project"],
  ["git@git.example.com:you/project.git", "you/project"],
  ["ssh://git@git.example.com:2222/you/project", "you/project"],
  ["/srv/repos/project", "repos/project"],
  ["project", "project"],
])("a repository is called by the last parts of its address: %s", (address, name) => {
  expect(repositoryName(address)).toBe(name);
});

test("time is told shortly, and as a date when it is long ago", () => {
  const now = Date.parse("2026-03-20T12:00:00.000Z");
  expect(age("2026-03-20T11:59:30.000Z", now)).toBe("now");
  expect(age("2026-03-20T11:55:00.000Z", now)).toBe("5 min");
  expect(ago("2026-03-20T09:00:00.000Z", now)).toBe("3 h ago");
  expect(age("2026-03-19T09:00:00.000Z", now)).toBe("1 day");
  expect(ago("2026-01-02T09:00:00.000Z", now)).toMatch(/2026/);
});

test("a clock that is behind the server's shows no time to come", () => {
  expect(ago("2026-03-20T12:00:05.000Z", Date.parse("2026-03-20T12:00:00.000Z"))).toBe("now");
});

test("amounts are short", () => {
  expect([0, 0.001, 0.419, 12, 1234].map(dollars)).toEqual(["$0", "< $0.01", "$0.42", "$12.00", "$1234"]);
  expect([940, 12_345, 3_400_000].map(tokens)).toEqual(["940", "12k", "3.4M"]);
});
