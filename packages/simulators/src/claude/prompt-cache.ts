import type { Model } from "./models.ts";
import { type PrefixItem, prefixOf } from "./prefix.ts";
import type { CountTokensRequest } from "./request-shape.ts";

export interface InputUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
}

/** How many blocks before a breakpoint are looked at for an earlier entry. */
const LOOKBACK_BLOCKS = 20;
const HOUR_MS = 60 * 60_000;

/** The prompt cache: it knows prefixes by their hash and forgets them after their time to live. */
export class PromptCache {
  /** Prefix hash with the model → when the entry ends, in milliseconds since the epoch, and its life. */
  readonly #entries = new Map<string, { endsAtMs: number; ttlMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a request's input and remembers the prefixes that it marks. */
  use(request: CountTokensRequest, model: Model): InputUsage {
    const items = withAutomaticMark(prefixOf(request), request);
    const totals: number[] = [];
    let total = 0;
    for (const item of items) {
      total += item.tokens;
      totals.push(total);
    }
    this.#forget();
    const marked = [...items.entries()].filter(([, item]) => item.cacheTtlMs !== null);
    const read = Math.max(0, ...marked.map(([index]) => this.#readBefore(items, totals, index, model)));
    let cachedUpTo = read;
    let writtenForAnHour = 0;
    for (const [index, item] of marked) {
      const upTo = totals[index] ?? 0;
      if (item.cacheTtlMs === null || upTo < model.minCacheTokens) continue;
      this.#entries.set(entryKey(model, item), {
        endsAtMs: this.#now() + item.cacheTtlMs,
        ttlMs: item.cacheTtlMs,
      });
      if (item.cacheTtlMs === HOUR_MS) writtenForAnHour += Math.max(0, upTo - cachedUpTo);
      cachedUpTo = Math.max(cachedUpTo, upTo);
    }
    const created = cachedUpTo - read;
    return {
      input_tokens: total - read - created,
      cache_creation_input_tokens: created,
      cache_read_input_tokens: read,
      cache_creation: {
        ephemeral_5m_input_tokens: created - writtenForAnHour,
        ephemeral_1h_input_tokens: writtenForAnHour,
      },
    };
  }

  /** Tokens of the longest known prefix that ends at the breakpoint or up to 20 blocks before it. */
  #readBefore(
    items: readonly PrefixItem[],
    totals: readonly number[],
    breakpoint: number,
    model: Model,
  ): number {
    for (let at = breakpoint; at >= Math.max(0, breakpoint - LOOKBACK_BLOCKS); at -= 1) {
      const item = items[at];
      const entry = item === undefined ? undefined : this.#entries.get(entryKey(model, item));
      if (entry === undefined) continue;
      // Reading an entry renews it.
      entry.endsAtMs = this.#now() + entry.ttlMs;
      return totals[at] ?? 0;
    }
    return 0;
  }

  #forget(): void {
    for (const [key, entry] of this.#entries) if (entry.endsAtMs <= this.#now()) this.#entries.delete(key);
  }
}

function entryKey(model: Model, item: PrefixItem): string {
  return `${model.id} ${item.after}`;
}

/** The top-level `cache_control` marks the last block that can be cached. */
function withAutomaticMark(items: PrefixItem[], request: CountTokensRequest): PrefixItem[] {
  const mark = request.cache_control;
  if (!mark) return items;
  const last = items.findLastIndex(
    (item) => item.block?.type !== "thinking" && item.block?.type !== "redacted_thinking",
  );
  const cacheTtlMs = mark.ttl === "1h" ? HOUR_MS : 5 * 60_000;
  return items.map((item, index) =>
    index === last ? { ...item, cacheTtlMs: item.cacheTtlMs ?? cacheTtlMs } : item,
  );
}

/** The whole input, as `count_tokens` gives it. */
export function inputTokens(request: CountTokensRequest): number {
  return prefixOf(request).reduce((sum, item) => sum + item.tokens, 0);
}
