import { expect, test } from "bun:test";
import { join } from "node:path";

test("a program that is started with the shifted clock lives in another hour and measures time as ever", async () => {
  const program = `const started = performance.now();
    const { getTime } = Date.prototype;
    console.log(JSON.stringify({
      now: Date.now(), made: new Date().getTime(), given: new Date(5).getTime(), is: new Date() instanceof Date,
      text: Date.parse(Date()), utc: Date.UTC(1970, 0, 1), uptimeMs: performance.now() - started,
    }))`;
  const child = Bun.spawn([process.execPath, "-e", program], {
    env: {
      PATH: process.env.PATH,
      BUN_OPTIONS: `--preload ${join(import.meta.dir, "clock.ts")}`,
      CLOCK_SHIFT_MS: String(-7_200_000),
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  const seen = await child.stdout.json();
  const expected = Date.now() - 7_200_000;
  for (const time of [seen.now, seen.made, seen.text]) expect(Math.abs(time - expected)).toBeLessThan(60_000);
  expect(seen).toMatchObject({ given: 5, is: true, utc: 0 });
  expect(seen.uptimeMs).toBeLessThan(60_000);
});
