/** What a JUnit report says, as `bun test --reporter=junit` writes it. */
export interface TestReport {
  passed: number;
  failed: number;
  /** Names of the tests that were not run, with their file. */
  skipped: string[];
}

/** Reads a report. @throws Error when it is none */
export function readJunit(xml: string): TestReport {
  const totals = /<testsuites\b[^>]*>/.exec(xml)?.[0];
  if (totals === undefined) throw new Error("This is not a JUnit report.");
  const total = count(totals, "tests");
  const failed = count(totals, "failures");
  const skipped: string[] = [];
  for (const [, head = ""] of xml.matchAll(/<testcase\b([^>]*[^/])>\s*<skipped\b/g)) {
    const suite = attribute(head, "classname");
    const name = [suite, attribute(head, "name")].filter(Boolean).join(" > ");
    skipped.push(`${attribute(head, "file")}: ${name}`);
  }
  return { passed: total - failed - skipped.length, failed, skipped };
}

function count(tag: string, name: string): number {
  return Number.parseInt(attribute(tag, name), 10) || 0;
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&#10;", "\n")
    .replaceAll("&amp;", "&");
}
