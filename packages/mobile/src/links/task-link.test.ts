import { parseLines, taskLink, taskPath } from "./task-link.ts";

const place = { taskId: "t_1", part: "changes", file: "src/a b.ts", lines: { from: 3, to: 7 } } as const;

test("a place in a task is one path, in the app and on the web", () => {
  expect(taskPath(place)).toBe("/task/t_1/changes?file=src%2Fa%20b.ts&line=3-7");
  expect(taskLink(place, null)).toBe("farhand://task/t_1/changes?file=src%2Fa%20b.ts&line=3-7");
  expect(taskLink(place, "https://f.example.com")).toBe(
    "https://f.example.com/task/t_1/changes?file=src%2Fa%20b.ts&line=3-7",
  );
  expect(taskPath({ ...place, side: "old", turn: 2 })).toBe(
    "/task/t_1/changes?file=src%2Fa%20b.ts&line=3-7&side=old&turn=2",
  );
  expect(taskPath({ taskId: "t_1", part: "chat", file: null, lines: null })).toBe("/task/t_1");
});

test.each([
  ["12", { from: 12, to: 12 }],
  ["3-7", { from: 3, to: 7 }],
  ["7-3", null],
  ["0", null],
  ["x", null],
  [undefined, null],
])("line=%s", (given, lines) => {
  expect(parseLines(given)).toEqual(lines);
});
