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
    "tests/attacks/report.test.ts",
    "tests/faults/report.test.ts",
  ];
  const programs = ["tests/attacks/main.ts", "tests/faults/main.ts"];
  try {
    for (const path of [
      ...files,
      ...programs,
      "packages/a/node_modules/c/src/no.test.ts",
      "packages/a/src/x.ts",
      "packages/mobile/package.json",
      "packages/mobile/src/app-runs-its-own.test.ts",
    ]) {
      await Bun.write(join(root, path), "");
    }
    const names = async (suite: Parameters<typeof testSteps>[1]) =>
      (await testSteps(root, suite)).map(({ name }) => name);
    expect(await names("unit")).toEqual(["Format and lint", "Types", "Architecture", "Unit"]);
    expect(await names("app")).toEqual(["App"]);
    expect(await names("integration")).toEqual(["Integration"]);
    expect(await names("e2e")).toEqual(["End to end"]);
    expect(await names("attacks")).toEqual(["Attacks"]);
    expect(await names("faults")).toEqual(["Faults"]);
    const all = await testSteps(root, null);
    expect(all.filter((step) => step.kind === "tests" && step.needsBrowser).map(({ name }) => name)).toEqual([
      "End to end",
    ]);
    expect(all.flatMap((step) => (step.kind === "tests" ? step.files : [])).sort()).toEqual(files.sort());
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test("faults run for a number of rounds alone, and for a time among the others", async () => {
  const root = await mkdtemp(join(tmpdir(), "farhand-steps-"));
  try {
    await Bun.write(join(root, "tests/faults/main.ts"), "");
    const argv = async (
      ...options: Parameters<typeof testSteps> extends [string, ...infer Rest] ? Rest : never
    ) =>
      (await testSteps(root, ...options)).flatMap((step) =>
        step.kind === "faults" ? step.argv.slice(1) : [],
      );
    expect(await argv("faults", { seed: 7 })).toEqual(["--seed", "7", "--rounds", "40"]);
    expect(await argv("faults", { seed: 7, rounds: 3 })).toEqual(["--seed", "7", "--rounds", "3"]);
    expect((await argv(null)).slice(2)).toEqual(["--rounds", "999", "--seconds", "60"]);
    expect(await argv("faults")).toEqual(["--seed", expect.stringMatching(/^\d+$/), "--rounds", "40"]);
    expect(await argv("unit")).toEqual([]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
