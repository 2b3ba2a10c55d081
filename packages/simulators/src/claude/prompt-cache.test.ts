import { describe, expect, test } from "bun:test";
import { findModel, type Model } from "./models.ts";
import { inputTokens, PromptCache } from "./prompt-cache.ts";
import type { CountTokensRequest } from "./request-shape.ts";

const sonnet = findModel("claude-sonnet-5-5") as Model;
const haiku = findModel("claude-haiku-5-5") as Model;
const long = (word: string) => `${word} `.repeat(1_000);
const marked = { cache_control: { type: "ephemeral" } } as const;

function request(...parts: Array<{ text: string; mark?: boolean; ttl?: "1h" }>): CountTokensRequest {
  return {
    model: sonnet.id,
    messages: [
      {
        role: "user",
        content: parts.map(({ text, mark, ttl }) => ({
          type: "text",
          text,
          ...(mark ? { cache_control: { type: "ephemeral", ...(ttl ? { ttl } : {}) } } : {}),
        })),
      },
    ],
  };
}

function cacheAt(clock: { ms: number } = { ms: 0 }): PromptCache {
  return new PromptCache(() => clock.ms);
}

describe("the prompt cache", () => {
  test("counts everything as input when nothing is marked", () => {
    const asked = request({ text: long("alpha") });
    const usage = cacheAt().use(asked, sonnet);
    expect(usage.input_tokens).toBe(inputTokens(asked));
    expect(usage.cache_creation_input_tokens + usage.cache_read_input_tokens).toBe(0);
  });

  test("writes a marked prefix at first sight and reads it when it is seen again", () => {
    const cache = cacheAt();
    const asked = request({ text: long("alpha"), mark: true }, { text: "question" });
    const first = cache.use(asked, sonnet);
    const second = cache.use(asked, sonnet);
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1_000);
    expect(first.cache_read_input_tokens).toBe(0);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
    for (const usage of [first, second]) {
      const sum = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
      expect(sum).toBe(inputTokens(asked));
    }
  });

  test("reads the old part and writes the new one as a conversation grows under a moving mark", () => {
    const cache = cacheAt();
    const first = cache.use(request({ text: long("alpha"), mark: true }), sonnet);
    const grown = cache.use(request({ text: long("alpha") }, { text: long("beta"), mark: true }), sonnet);
    expect(grown.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(grown.cache_creation_input_tokens).toBeGreaterThan(1_000);
  });

  test("reads nothing after a change at the front", () => {
    const cache = cacheAt();
    cache.use(request({ text: long("alpha") }, { text: long("beta"), mark: true }), sonnet);
    const changed = cache.use(request({ text: long("gamma") }, { text: long("beta"), mark: true }), sonnet);
    expect(changed.cache_read_input_tokens).toBe(0);
  });

  test("keeps each model's entries apart", () => {
    const cache = cacheAt();
    const asked = request({ text: long("alpha"), mark: true });
    cache.use(asked, sonnet);
    expect(cache.use(asked, haiku).cache_read_input_tokens).toBe(0);
  });

  test("forgets an entry five minutes after its last use, and a marked one after an hour", () => {
    const clock = { ms: 0 };
    const cache = cacheAt(clock);
    const short = request({ text: long("alpha"), mark: true });
    const hour = request({ text: long("omega"), mark: true, ttl: "1h" });
    cache.use(short, sonnet);
    const written = cache.use(hour, sonnet);
    expect(written.cache_creation.ephemeral_1h_input_tokens).toBe(written.cache_creation_input_tokens);
    clock.ms = 4 * 60_000;
    expect(cache.use(short, sonnet).cache_read_input_tokens).toBeGreaterThan(0);
    clock.ms = 8 * 60_000;
    expect(cache.use(short, sonnet).cache_read_input_tokens).toBeGreaterThan(0);
    clock.ms = 13 * 60_000;
    expect(cache.use(short, sonnet).cache_read_input_tokens).toBe(0);
    expect(cache.use(hour, sonnet).cache_read_input_tokens).toBeGreaterThan(0);
  });

  test("does not cache what is shorter than the model's least", () => {
    const cache = cacheAt();
    const asked = request({ text: "a short prompt", mark: true });
    cache.use(asked, sonnet);
    const again = cache.use(asked, sonnet);
    expect(again.cache_read_input_tokens + again.cache_creation_input_tokens).toBe(0);
  });

  test("looks back over twenty blocks and no further", () => {
    const after = (blocks: number) => {
      const cache = cacheAt();
      cache.use(request({ text: long("alpha"), mark: true }), sonnet);
      const more = Array.from({ length: blocks }, (_, index) => ({
        text: `block ${index}`,
        mark: index === blocks - 1,
      }));
      return cache.use(request({ text: long("alpha") }, ...more), sonnet).cache_read_input_tokens;
    };
    expect(after(20)).toBeGreaterThan(0);
    expect(after(21)).toBe(0);
  });

  test("takes a top-level mark for one on the last block, and a string for one text block", () => {
    const cache = cacheAt();
    const first = cache.use(
      { model: sonnet.id, messages: [{ role: "user", content: long("alpha") }], ...marked },
      sonnet,
    );
    const second = cache.use(request({ text: long("alpha"), mark: true }), sonnet);
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1_000);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
  });
});
