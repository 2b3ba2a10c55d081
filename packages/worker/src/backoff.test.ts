import { expect, test } from "bun:test";
import fc from "fast-check";
import { backoffMs, sleep } from "./backoff.ts";

test("a wait is between half and the whole of the doubled base, and never above the cap", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(200), random, (retries, chance) => {
      const wholeMs = Math.min(60_000, 1_000 * 2 ** retries);
      const waitMs = backoffMs(retries, { baseMs: 1_000, capMs: 60_000 }, () => chance);
      expect(waitMs).toBeWithin(Math.floor(wholeMs / 2), wholeMs + 1);
    }),
  );
});

test("a sleep that is aborted ends with the signal's reason", async () => {
  const abort = new AbortController();
  const slept = sleep(60_000, abort.signal);
  const reason = new Error("enough");
  abort.abort(reason);
  expect(await slept.catch((error: unknown) => error)).toBe(reason);
  expect(await sleep(60_000, abort.signal).catch((error: unknown) => error)).toBe(reason);
});
