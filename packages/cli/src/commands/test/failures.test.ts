import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunFailures, jestFailures, lastWords, programFailures } from "./failures.ts";

/** What `bun test` really prints of this file. */
async function bunOutput(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "farhand-failures-"));
  try {
    await Bun.write(join(folder, "sample.test.ts"), program);
    const child = Bun.spawn([process.execPath, "test", "--timeout=50", "./sample.test.ts"], {
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, error] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return `${out}${error}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("of bun's output, each failed test is named with its error alone", async () => {
  const output = await bunOutput(`
    import { describe, expect, test } from "bun:test";
    test("passes", () => console.log("error: not this one"));
    describe("sums", () => test("add up", () => { console.log("noise"); expect(1 + 1).toBe(3); }));
    test("waits", () => new Promise(() => {}));`);
  const [sums, waits, ...others] = bunFailures(output);
  expect(others).toEqual([]);
  expect(sums?.name).toStartWith("sample.test.ts: sums > add up");
  expect(sums?.lines[0]).toBe("error: expect(received).toBe(expected)");
  expect(sums?.lines.join("\n")).toContain("Expected: 3");
  expect(sums?.lines.join("\n")).not.toContain("noise");
  expect(waits?.name).toContain("waits");
  expect(waits?.lines.join("\n")).toContain("timed out after 50ms");
});

test("an error outside of any test is named by its file", async () => {
  const output = await bunOutput(`import "./missing.ts";`);
  expect(bunFailures(output)).toEqual([
    {
      name: "sample.test.ts: outside of any test",
      lines: [expect.stringContaining("Cannot find module './missing.ts'")],
    },
  ]);
});

test("a run that is so long that bun says its failures twice names each once, with its own file", async () => {
  const output = await bunOutput(`
    import { expect, test } from "bun:test";
    for (let n = 0; n < 30; n += 1) test("passes " + n, () => {});
    test("bad", () => expect(1).toBe(2));`);
  expect(output).toContain("1 tests failed:");
  const [first, ...others] = bunFailures(`${output}\nbun test v1\n\nb.test.ts:\nerror: no\n(fail) worse`);
  expect(first?.name).toStartWith("sample.test.ts: bad");
  expect(others).toEqual([{ name: "b.test.ts: worse", lines: ["error: no"] }]);
});

test("Jest says its failures twice, and they are taken once, each with its file", () => {
  const block = [
    "  ● the list › is empty",
    "",
    "    expect(1).toBe(2)",
    "",
    "      at list.test.tsx:3:1",
    "",
  ];
  const printed = ["PASS src/loud.test.tsx", "  ● Console", "    console.warn", "      loud"];
  const [one, other] = [
    ["FAIL iOS src/list.test.tsx (5.1 s)", ...block],
    ["FAIL src/other.test.tsx", ...block],
  ];
  const all = [...one, ...printed, ...other];
  const output = [...all, "Summary of all failing tests", ...one, ...other, "Test Suites: 2 failed", "noise"];
  const lines = ["    expect(1).toBe(2)", "      at list.test.tsx:3:1"];
  expect(jestFailures(output.join("\n"))).toEqual([
    { name: "src/list.test.tsx: the list › is empty", lines },
    { name: "src/other.test.tsx: the list › is empty", lines },
  ]);
});

test("a program's failures come with what stands below them", () => {
  const output = [
    "round 1 … ok",
    "round 2 seed 7: … FAILED I5 2 s",
    "  I5 a file is lost",
    "  again: …",
    "round 3 … ok",
    "  Rounds",
  ];
  expect(programFailures(output.join("\n"))).toEqual([
    { name: "round 2 seed 7: … FAILED I5 2 s", lines: ["I5 a file is lost", "again: …"] },
  ]);
});

test("what named nothing is told by its last words, and long lines are cut", () => {
  const { lines } = lastWords("Types", `${"line\n".repeat(40)}${"x".repeat(5000)}`);
  expect(lines).toHaveLength(14);
  expect(lines.at(-1)?.length).toBeLessThan(250);
});
