import { expect, test } from "bun:test";
import fc from "fast-check";
import { toolLabel } from "./tool-label.ts";

test("a label is the command, the path or the pattern", () => {
  expect(toolLabel("bash", { command: "npm test\n  --watch" })).toBe("npm test --watch");
  expect(toolLabel("edit", { file_path: "a.ts", old_string: "x" })).toBe("a.ts");
  expect(toolLabel("grep", { pattern: "todo", path: "src" })).toBe("todo");
  expect(toolLabel("bash", { restart: true })).toBe('{"restart":true}');
});

test("whatever the model sends, a label is one short line", () => {
  fc.assert(
    fc.property(fc.constantFrom("bash", "read", "unknown"), fc.anything(), (name, input) => {
      fc.pre(!hasBigInt(input));
      const label = toolLabel(name, input);
      expect(label).not.toContain("\n");
      expect([...label].length).toBeLessThanOrEqual(200);
    }),
  );
});

function hasBigInt(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasBigInt);
}
