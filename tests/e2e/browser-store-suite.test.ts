/** The suite that every store has to pass, over the IndexedDB of a real browser. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { chromium } from "./support/chromium.ts";
import type { Outcome } from "./support/page-tests.ts";
import { openTab } from "./support/tab.ts";

if (chromium === null)
  process.stdout.write("The suite of stores in a real browser is skipped: there is none here.\n");

/** The suite as one script, with a runner for pages in the place of Bun's. */
async function suite(): Promise<string> {
  const folder = join(import.meta.dir, "support");
  const built = await Bun.build({
    entrypoints: [join(folder, "store-in-page.ts")],
    target: "browser",
    plugins: [
      {
        name: "runner",
        setup(build) {
          build.onResolve({ filter: /^bun:test$/ }, () => ({ path: join(folder, "page-tests.ts") }));
        },
      },
    ],
  });
  return (await built.outputs[0]?.text()) ?? "";
}

test.skipIf(chromium === null)(
  "a real IndexedDB does all that every store has to do",
  async () => {
    const script = await suite();
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url }) =>
        new URL(url).pathname === "/suite.js"
          ? new Response(script, { headers: { "content-type": "text/javascript" } })
          : new Response('<script type="module" src="/suite.js"></script>', {
              headers: { "content-type": "text/html" },
            }),
    });
    await using tab = await openTab();
    await tab.goto(server.url.href);
    while (!(await tab.evaluate<boolean>('typeof runCases === "function"'))) await Bun.sleep(20);
    const outcomes = await tab.evaluate<Outcome[]>("runCases()");
    expect(outcomes).toEqual(outcomes.map(({ name }) => ({ name, error: null })));
    // All of them: none is left out where the suite grows, or where the page has no more than some.
    const source = await Bun.file(
      join(import.meta.dir, "../../packages/client/test/store-conformance.ts"),
    ).text();
    expect(outcomes).toHaveLength([...source.matchAll(/^ {4}test\(/gm)].length);
  },
  60_000,
);
