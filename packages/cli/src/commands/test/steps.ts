import { join } from "node:path";
import { Glob } from "bun";

export const SUITES = ["unit", "app", "integration", "e2e", "attacks", "faults"] as const;
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
      /** Some of them are skipped where there is no browser. */
      needsBrowser: boolean;
      /** The app for browsers as well. */
      needsWebApp?: boolean;
      /** How many runs go on side by side; without it, all files run one after the other. */
      atOnce?: number;
      /** How many files each of them runs. */
      filesPerRun?: number;
      /** Most that one test may take before it counts as hung. */
      timeoutMs: number;
    }
  /** The app's own tests, which its own installation brings a program for. */
  | { kind: "app"; name: string }
  /** A program that kills what it has started, round after round, and looks at what is left. */
  | { kind: "faults"; name: string; argv: string[]; seed: number }
  /** A program that attacks a whole system, and shows of each attack that it works where the wall is away. */
  | { kind: "attacks"; name: string; argv: string[] };

/** Generous, since a busy machine is no fault; what takes longer is one. */
const UNIT_TIMEOUT_MS = 20_000;
const WORKERS_TIMEOUT_MS = 120_000;

export interface FaultOptions {
  /** What the rounds are drawn from; a seed of its own when not given. */
  seed?: number;
  rounds?: number;
}

const ATTACKS_PROGRAM = "tests/attacks/main.ts";
const FAULTS_PROGRAM = "tests/faults/main.ts";
/** Alone, the suite does so many rounds. */
const ALONE_ROUNDS = 40;
/** Among the others, it does as many as fit into this time. */
const AMONG_OTHERS = { rounds: 999, seconds: 60 };

/** What `farhand test` runs, in its order: the quick ones first. */
export async function testSteps(
  root: string,
  suite: Suite | null,
  faults: FaultOptions = {},
): Promise<TestStep[]> {
  const wants = (one: Suite) => suite === null || suite === one;
  // The app's run under Jest, with a React Native to render into.
  const packageTests = (await find(root, "packages/*/{src,test}/**/*.test.ts")).filter(
    (path) => !path.startsWith("packages/mobile/"),
  );
  // Of what the programs judge with.
  const programTests = [
    ...(await find(root, "tests/attacks/**/*.test.ts")),
    ...(await find(root, "tests/faults/**/*.test.ts")),
  ];
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
        needsBrowser: false,
        timeoutMs: UNIT_TIMEOUT_MS,
      },
      {
        kind: "tests",
        name: "Unit",
        files: [...packageTests.filter((path) => !isIntegration(path)), ...programTests],
        needsWorkers: false,
        needsBrowser: false,
        // They wait for processes and clocks about half of their time. Each run takes a moment to begin.
        atOnce: 2,
        filesPerRun: 12,
        timeoutMs: UNIT_TIMEOUT_MS,
      },
    );
  }
  if (wants("app") && (await Bun.file(join(root, "packages/mobile/package.json")).exists()))
    steps.push({ kind: "app", name: "App" });
  if (wants("integration")) {
    const files = longestFirst(packageTests.filter(isIntegration));
    steps.push({
      kind: "tests",
      name: "Integration",
      files,
      needsWorkers: true,
      needsBrowser: false,
      atOnce: 2,
      timeoutMs: WORKERS_TIMEOUT_MS,
    });
  }
  if (wants("e2e")) {
    steps.push({
      kind: "tests",
      name: "End to end",
      files: longestFirst(await find(root, "tests/e2e/**/*.test.ts")),
      needsWorkers: true,
      needsBrowser: true,
      needsWebApp: true,
      // Each has a world of its own, and waits for containers and pages more than it works.
      atOnce: 2,
      timeoutMs: WORKERS_TIMEOUT_MS,
    });
  }
  if (wants("attacks") && (await Bun.file(join(root, ATTACKS_PROGRAM)).exists()))
    steps.push({ kind: "attacks", name: "Attacks", argv: [ATTACKS_PROGRAM] });
  if (wants("faults") && (await Bun.file(join(root, FAULTS_PROGRAM)).exists()))
    steps.push(faultStep(suite === "faults", faults));
  return steps.filter((step) => step.kind !== "tests" || step.files.length > 0);
}

function faultStep(isAlone: boolean, options: FaultOptions): TestStep {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const rounds = options.rounds ?? (isAlone ? ALONE_ROUNDS : AMONG_OTHERS.rounds);
  const argv = [FAULTS_PROGRAM, "--seed", String(seed), "--rounds", String(rounds)];
  if (!isAlone) argv.push("--seconds", String(AMONG_OTHERS.seconds));
  return { kind: "faults", name: "Faults", argv, seed };
}

/** Minutes long: begun first, so that none of them runs alone at the end. */
const LONGEST = [
  "packages/coordinator/src/sandbox/setup.integration.test.ts",
  "tests/e2e/app-access.test.ts",
  "tests/e2e/trouble.test.ts",
];

const longestFirst = (files: string[]): string[] => [
  ...files.filter((path) => LONGEST.includes(path)),
  ...files.filter((path) => !LONGEST.includes(path)),
];

async function find(root: string, pattern: string): Promise<string[]> {
  const paths = await Array.fromAsync(new Glob(pattern).scan({ cwd: root }));
  return paths.filter((path) => !path.includes("node_modules")).sort();
}
