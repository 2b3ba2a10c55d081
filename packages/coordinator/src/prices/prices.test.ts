import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrices, readPriceFile } from "./prices.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-prices-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const NONE = {
  inputTokens: 0,
  outputTokens: 0,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
  longCacheTokens: 0,
};

describe("the price of a model call", () => {
  const priceOf = createPrices({});

  test("is that of each kind of token on its own", () => {
    const cost = (use: Partial<typeof NONE>) => priceOf("claude-opus-4-5", { ...NONE, ...use }) ?? Number.NaN;
    const kinds = [
      cost({ inputTokens: 1000 }),
      cost({ cacheReadInputTokens: 1000 }),
      cost({ cacheCreationInputTokens: 1000 }),
      cost({ cacheCreationInputTokens: 1000, longCacheTokens: 1000 }),
      cost({ outputTokens: 1000 }),
    ];
    // A tenth of the input, a quarter more than it, twice it: what the API charges for its cache.
    const input = kinds[0] ?? 0;
    expect(kinds).toEqual([input, input * 0.1, input * 1.25, input * 2, input * 5]);
    expect(
      cost({
        inputTokens: 1000,
        cacheReadInputTokens: 1000,
        cacheCreationInputTokens: 2000,
        longCacheTokens: 1000,
        outputTokens: 1000,
      }),
    ).toBeCloseTo(
      kinds.reduce((sum, kind) => sum + kind, 0),
      9,
    );
  });

  test("is known for the models that this release names, and not for a name that is nobody's", () => {
    for (const model of ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5-20251001"])
      expect(priceOf(model, { ...NONE, inputTokens: 1000 })).toBeGreaterThan(0);
    for (const model of ["mystery-1", "", "__proto__", "constructor"])
      expect(priceOf(model, { ...NONE, inputTokens: 1000 })).toBeNull();
  });
});

describe("prices of one's own", () => {
  const file = async (content: unknown) => {
    const path = join(folder, `${crypto.randomUUID()}.json`);
    await Bun.write(path, JSON.stringify(content));
    return path;
  };

  test("come before the library's, and fill in what it does not know", async () => {
    const price = { input: 2, output: 10, cacheRead: 1, cacheWrite: 3, cacheWriteHour: 4 };
    const priceOf = createPrices(
      await readPriceFile(await file({ "mystery-1": price, "claude-opus-4-5": price })),
    );
    const use = {
      inputTokens: 1e6,
      outputTokens: 1e6,
      cacheReadInputTokens: 1e6,
      cacheCreationInputTokens: 2e6,
      longCacheTokens: 1e6,
    };
    expect([priceOf("mystery-1", use), priceOf("claude-opus-4-5", use)]).toEqual([20, 20]);
    expect(priceOf("mystery-2", use)).toBeNull();
  });

  test("hold for a dated name of the model too, unless that has prices of its own", () => {
    const price = (input: number) => ({ input, output: 0, cacheRead: 0, cacheWrite: 0 });
    const priceOf = createPrices({ "claude-sonnet-5-5": price(7), "claude-sonnet-5-5-20260202": price(8) });
    const cost = (model: string) => priceOf(model, { ...NONE, inputTokens: 1e6 });
    expect(
      [
        "claude-sonnet-5-5",
        "claude-sonnet-5-5-20260101",
        "claude-sonnet-5-5@20260101",
        "claude-sonnet-5-5-20260202",
      ].map(cost),
    ).toEqual([7, 7, 7, 8]);
    expect(cost("claude-sonnet-5-5-2026")).not.toBe(7);
    expect(cost("claude-sonnet-5-20260101")).not.toBe(7);
  });

  test("are refused when the file is missing or makes no sense, and say how it is written", async () => {
    for (const path of [join(folder, "none.json"), await file({ m: { input: -1 } }), await file([1])])
      await expect(readPriceFile(path)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await readPriceFile(null)).toEqual({});
  });
});
