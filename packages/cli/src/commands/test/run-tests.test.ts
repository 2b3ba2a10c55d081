import { afterEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests, withoutPasses } from "./run-tests.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function runFiles(files: Record<string, string>, atOnce?: number, filesPerRun?: number) {
  const root = await mkdtemp(join(tmpdir(), "farhand-run-tests-"));
  folders.push(root);
  for (const [name, content] of Object.entries(files)) await Bun.write(join(root, name), content);
  const lines: string[] = [];
  const { signal } = new AbortController();
  const env = { PATH: process.env.PATH ?? "" };
  const options = { root, env, signal, onLine: (line: string) => void lines.push(line) };
  return {
    report: await runTests({ files: Object.keys(files), timeoutMs: 5000, atOnce, filesPerRun }, options),
    lines,
  };
}

const passing = `import { test } from "bun:test"; test("passes", () => {});`;

test("passing tests are counted, and their lines are told while they run", async () => {
  const { report, lines } = await runFiles({ "a.test.ts": passing, "b.test.ts": passing });
  expect(report).toMatchObject({ passed: 2, failed: 0, skipped: [] });
  expect(lines.filter((line) => line.startsWith("(pass)"))).toHaveLength(2);
});

test("a file that cannot be loaded is a failure", async () => {
  const { report } = await runFiles({ "a.test.ts": passing, "b.test.ts": `import "./missing.ts";` });
  expect(report).toMatchObject({ passed: 1, failed: 1 });
  expect(report.output).toContain("missing.ts");
});

test("files run side by side are summed up, in their order", async () => {
  // Each waits for the other: one after the other, neither would end.
  const meets = (own: string, other: string) => `
    import { expect, test } from "bun:test";
    test("meets", async () => {
      await Bun.write(import.meta.dir + "/${own}", "");
      while (!(await Bun.file(import.meta.dir + "/${other}").exists())) await Bun.sleep(5);
      expect("${own}").toBe("one");
    });
    test.skip("is left out by ${own}", () => {});`;
  const files = { "a.test.ts": meets("one", "two"), "b.test.ts": meets("two", "one"), "c.test.ts": passing };
  const { report } = await runFiles(files, 2);
  expect(report).toMatchObject({ passed: 2, failed: 1 });
  expect(report.skipped.map((name) => name.replace(/.*is left/, "is left"))).toEqual([
    "is left out by one",
    "is left out by two",
  ]);
  expect(report.output.indexOf("a.test.ts:")).toBeLessThan(report.output.indexOf("c.test.ts:"));
});

test("a run takes so many files, and the last one what is left", async () => {
  const files = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [`${name}.test.ts`, passing]));
  const { report } = await runFiles(files, 2, 2);
  expect(report).toMatchObject({ passed: 5, failed: 0 });
  expect(report.output.match(/^Ran .*$/gm)?.map((line) => line.replace(/ \[.*/, ""))).toEqual([
    "Ran 2 tests across 2 files.",
    "Ran 2 tests across 2 files.",
    "Ran 1 test across 1 file.",
  ]);
});

test("of a long output only what is not a pass is shown, with its file", () => {
  const output = [
    "bun test v1.4.5",
    "",
    "a.test.ts:",
    "(pass) one",
    "",
    "b.test.ts:",
    "error: no",
    "(fail) two",
    "(skip) three",
    "",
    "c.test.ts:",
    "(pass) four",
    "",
    " 2 pass",
  ].join("\n");
  expect(withoutPasses(output).split("\n")).toEqual([
    "bun test v1.4.5",
    "",
    "b.test.ts:",
    "error: no",
    "(fail) two",
    "",
    "c.test.ts:",
    "",
    " 2 pass",
  ]);
});

test("a run that dies before it can report is a failure", async () => {
  const { report } = await runFiles({ "a.test.ts": `process.kill(process.pid, "SIGKILL");` });
  expect(report).toMatchObject({ passed: 0, failed: 1 });
});
