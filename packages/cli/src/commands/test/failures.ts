/** One thing that failed, as it is said again at the end of a run. */
export interface FailedTest {
  /** Its file and its name. */
  name: string;
  /** The error, without the picture of the code around it. */
  lines: string[];
}

/** An error's own words and where it was thrown; what a whole page held stands further up. */
const LINES_MAX = 14;
const LINE_MAX = 240;

/** What failed in the output of `bun test`, in its order. */
export function bunFailures(output: string): FailedTest[] {
  const found: FailedTest[] = [];
  let file = "";
  let since: string[] = [];
  let isRepeat = false;
  for (const line of output.split("\n")) {
    // At the end of a long run all that failed or was skipped is named once more, without its file.
    if (/^\d+ tests? (failed|skipped|todo):$/.test(line)) isRepeat = true;
    else if (line.startsWith("bun test v")) isRepeat = false;
    if (isRepeat) continue;
    if (/^\S+\.test\.tsx?:$/.test(line)) {
      file = line.slice(0, -1);
      since = [];
    } else if (/^\((pass|skip|todo)\) /.test(line)) {
      since = [];
    } else if (line.startsWith("(fail) ")) {
      found.push({ name: `${file}: ${line.slice("(fail) ".length)}`, lines: errorOf(since) });
      since = [];
    } else if (/^ +\^ this test timed out/.test(line)) {
      found.at(-1)?.lines.push(line.trim());
    } else if (line === "# Unhandled error between tests") {
      found.push({ name: `${file}: outside of any test`, lines: [] });
      since = [];
    } else if (/^-+$/.test(line)) {
      // The rules around an error that belongs to no test.
      const last = found.at(-1);
      if (last?.name.endsWith("outside of any test") && last.lines.length === 0) last.lines = errorOf(since);
    } else {
      since.push(line);
    }
  }
  return found;
}

/** What failed in Jest's output. It says all of it at the end once more: each is taken once. */
export function jestFailures(output: string): FailedTest[] {
  const found = new Map<string, FailedTest>();
  let file = "";
  let current: string[] | null = null;
  for (const line of output.split("\n")) {
    const head = /^ {2}● (.+)$/.exec(line)?.[1];
    const suite = /^(?:PASS|FAIL) (?:\w+ )?(\S+)/.exec(line)?.[1];
    if (suite !== undefined) file = suite;
    // What a test has printed stands under such a head as well.
    if (head !== undefined && head !== "Console") {
      const name = `${file}: ${head}`;
      current = found.has(name) ? null : [];
      if (current) found.set(name, { name, lines: current });
    } else if (head !== undefined || suite !== undefined || /^(Test Suites:|Summary of all f)/.test(line)) {
      current = null;
    } else {
      current?.push(line);
    }
  }
  return [...found.values()].map(({ name, lines }) => ({ name, lines: shortened(lines) }));
}

/** What a program of its own says of what failed: a line with `FAILED`, and what stands indented below it. */
export function programFailures(output: string): FailedTest[] {
  const found: FailedTest[] = [];
  let current: string[] | null = null;
  for (const line of output.split("\n")) {
    if (/\bFAILED\b/.test(line)) {
      current = [];
      found.push({ name: shortened([line]).join(""), lines: current });
    } else if (line.startsWith("  ")) {
      current?.push(line.trim());
    } else {
      current = null;
    }
  }
  return found.map(({ name, lines }) => ({ name, lines: shortened(lines) }));
}

/** What a check such as the linter said last, or a run that named nothing. */
export function lastWords(name: string, output: string): FailedTest {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return { name, lines: shortened(lines.slice(-LINES_MAX)) };
}

/** From the error's own words on: before them stand the test's lines of code, and what the test printed. */
function errorOf(lines: string[]): string[] {
  const at = lines.findIndex((line) => /^(\w*error|\w*Exception): /i.test(line));
  return shortened(at < 0 ? lines.slice(-LINES_MAX) : lines.slice(at));
}

function shortened(lines: string[]): string[] {
  const told = lines.filter((line) => line.trim() !== "");
  const short = told
    .slice(0, LINES_MAX)
    .map((line) => (line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line));
  return told.length > LINES_MAX ? [...short, `… ${told.length - LINES_MAX} more lines above`] : short;
}
