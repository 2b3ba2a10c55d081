import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJunit } from "./junit.ts";

test("bun's own report of passing, failing, skipped and nested tests is counted right", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farhand-junit-"));
  try {
    await Bun.write(
      join(folder, "sample.test.ts"),
      `import { describe, expect, test } from "bun:test";
       describe("a & b", () => { test("passes", () => {}); test('fails <b> "q"', () => expect(1).toBe(2)); });
       test.skip("not here (no engine)", () => {});
       test.todo("later");
       test("passes > too", () => {});`,
    );
    const report = join(folder, "report.xml");
    const argv = [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${report}`];
    const child = Bun.spawn([...argv, "./sample.test.ts"], {
      cwd: folder,
      stdout: "ignore",
      stderr: "ignore",
    });
    expect(await child.exited).toBe(1);
    expect(readJunit(await Bun.file(report).text())).toEqual({
      passed: 2,
      failed: 1,
      skipped: ["sample.test.ts: not here (no engine)", "sample.test.ts: later"],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("something else is not taken for a report of no tests", () => {
  expect(() => readJunit("")).toThrow();
});
