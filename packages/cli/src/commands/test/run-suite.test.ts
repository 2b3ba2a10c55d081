import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSuite } from "./run-suite.ts";

async function report(program: string) {
  const root = await mkdtemp(join(tmpdir(), "farhand-run-suite-"));
  try {
    await Bun.write(join(root, "main.ts"), program);
    const lines: string[] = [];
    const { signal } = new AbortController();
    const options = { root, env: {}, signal, onLine: (line: string) => void lines.push(line) };
    return { ...(await runSuite(["main.ts"], options)), lines };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

test("rounds are counted as the program counts them, and its lines are told but for the last", async () => {
  const found = await report(
    `console.log("round 1: kill"); console.log("3 passed, 1 failed"); process.exit(1)`,
  );
  expect(found).toMatchObject({ passed: 3, failed: 1, skipped: 0, lines: ["round 1: kill"] });
});

test("what was skipped is counted apart", async () => {
  const found = await report(`console.log("skipped: no Docker\\n0 passed, 0 failed, 40 skipped")`);
  expect(found).toMatchObject({ passed: 0, failed: 0, skipped: 40, lines: ["skipped: no Docker"] });
});

test.each([
  `process.exit(0)`,
  `process.kill(process.pid, "SIGKILL")`,
  `console.log("2 passed, 0 failed"); process.exit(1)`,
])("a program that ends without a good result has failed: %s", async (program) => {
  expect((await report(program)).failed).toBe(1);
});
