import { expect, test } from "bun:test";
import { join } from "node:path";

/** What the app imports, as one file, as a browser would get it. */
async function bundle(minify: boolean): Promise<string> {
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "app.ts")],
    target: "browser",
    minify,
  });
  return (await built.outputs[0]?.text()) ?? "";
}

/** What one of browsers, Hermes and Bun does not have, or has under another name. */
const notEverywhere = [
  /\bfrom\s*"(node|bun):/,
  /\brequire\(/,
  /\bprocess\./,
  /\bBun\./,
  /\bBuffer\b/,
  /Symbol\.(async)?[dD]ispose/,
  /\busing\s+\w+\s*=/,
  /AbortSignal\.(any|timeout)/,
  /throwIfAborted/,
  /withResolvers/,
  /structuredClone/,
  /\bURL\.(canParse|parse)/,
  /\bURLSearchParams\b/,
  /\.(toSorted|toReversed|toSpliced|with|findLast|findLastIndex)\(/,
  /Object\.groupBy|Map\.groupBy|Array\.fromAsync/,
  /\blocalStorage\b|\bdocument\.|\bwindow\./,
  /\(\?<[=!]/,
];

test("what the app imports is there on browsers, phones and Bun alike", async () => {
  const text = await bundle(false);
  expect(notEverywhere.filter((form) => form.test(text)).map(String)).toEqual([]);
});

test("what the app imports pulls no zod, and stays light", async () => {
  const text = await bundle(true);
  expect(text).not.toContain("ZodError");
  expect(Bun.gzipSync(text).length).toBeLessThan(29 * 1024);
});
