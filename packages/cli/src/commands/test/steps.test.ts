import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testSteps } from "./steps.ts";

test("every test file is in exactly one step, and each suite has its own", async () => {
  const root = await mkdtemp(join(tmpdir(), "farhand-steps-"));
  const files = [
    "packages/a/src/x.test.ts",
    "packages/a/src/deep/y.integration.test.ts",
    "packages/b/test/z.test.ts",
    "tests/architecture.test.ts",
    "tests/e2e/job.test.ts",
  ];
  try {
    for (const path of [...files, "packages/a/node_modules/c/src/no.test.ts", "packages/a/src/x.ts"]) {
      await Bun.write(join(root, path), "");
    }
    const names = async (suite: Parameters<typeof testSteps>[1]) =>
      (await testSteps(root, suite)).map(({ name }) => name);
    expect(await names("unit")).toEqual(["Format and lint", "Types", "Architecture", "Unit"]);
    expect(await names("integration")).toEqual(["Integration"]);
    expect(await names("e2e")).toEqual(["End to end"]);
    const all = await testSteps(root, null);
    expect(all.flatMap((step) => (step.kind === "tests" ? step.files : [])).sort()).toEqual(files.sort());
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
