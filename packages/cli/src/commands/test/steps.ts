import { Glob } from "bun";

export const SUITES = ["unit", "integration", "e2e"] as const;
export type Suite = (typeof SUITES)[number];

/** One line of the summary. */
export type TestStep =
  /** A program whose success counts as one test. */
  | { kind: "check"; name: string; argv: string[] }
  /** Files for `bun test`. */
  | {
      kind: "tests";
      name: string;
      files: string[];
      needsWorkers: boolean;
      /** Most that one test may take before it counts as hung. */
      timeoutMs: number;
    };

/** Generous, since a busy machine is no fault; what takes longer is one. */
const UNIT_TIMEOUT_MS = 20_000;
const WORKERS_TIMEOUT_MS = 120_000;

/** What `farhand test` runs, in its order: the quick ones first. */
export async function testSteps(root: string, suite: Suite | null): Promise<TestStep[]> {
  const wants = (one: Suite) => suite === null || suite === one;
  const packageTests = await find(root, "packages/*/{src,test}/**/*.test.ts");
  const isIntegration = (path: string) => path.endsWith(".integration.test.ts");
  const steps: TestStep[] = [];
  if (wants("unit")) {
    steps.push(
      { kind: "check", name: "Format and lint", argv: ["node_modules/.bin/biome", "ci", "."] },
      { kind: "check", name: "Types", argv: ["node_modules/.bin/tsc", "--noEmit"] },
      {
        kind: "tests",
        name: "Architecture",
        files: await find(root, "tests/*.test.ts"),
        needsWorkers: false,
        timeoutMs: UNIT_TIMEOUT_MS,
      },
      {
        kind: "tests",
        name: "Unit",
        files: packageTests.filter((path) => !isIntegration(path)),
        needsWorkers: false,
        timeoutMs: UNIT_TIMEOUT_MS,
      },
    );
  }
  if (wants("integration")) {
    const files = packageTests.filter(isIntegration);
    steps.push({
      kind: "tests",
      name: "Integration",
      files,
      needsWorkers: true,
      timeoutMs: WORKERS_TIMEOUT_MS,
    });
  }
  if (wants("e2e")) {
    steps.push({
      kind: "tests",
      name: "End to end",
      files: await find(root, "tests/e2e/**/*.test.ts"),
      needsWorkers: true,
      timeoutMs: WORKERS_TIMEOUT_MS,
    });
  }
  return steps.filter((step) => step.kind === "check" || step.files.length > 0);
}

async function find(root: string, pattern: string): Promise<string[]> {
  const paths = await Array.fromAsync(new Glob(pattern).scan({ cwd: root }));
  return paths.filter((path) => !path.includes("node_modules")).sort();
}
