import { createHash } from "node:crypto";
import type { Block, CountTokensRequest } from "./request-shape.ts";
import { countTokens } from "./tokens.ts";

/** One piece of a prompt, in the order in which the API renders it: tools, system, messages. */
export interface PrefixItem {
  /** Where it is in the request, such as `messages.1.content.0`. */
  path: string;
  /** The content block; null for tools and system text. */
  block: Block | null;
  tokens: number;
  cacheTtlMs: number | null;
  /** Hash of everything before it, and of everything up to its end. */
  before: string;
  after: string;
}

const TTL_MS = { "5m": 5 * 60_000, "1h": 60 * 60_000 } as const;

/** The request as a chain of hashes: equal hashes mean an equal prefix, wherever cache marks stand. */
export function prefixOf(request: CountTokensRequest): PrefixItem[] {
  const items: PrefixItem[] = [];
  let hash = "";
  const add = (path: string, scope: string, value: unknown, block: Block | null) => {
    const before = hash;
    const text = canonical(value);
    hash = extendPrefix(before, scope, text);
    items.push({ path, block, tokens: tokensOf(text, block), cacheTtlMs: ttlOf(value), before, after: hash });
  };
  for (const [index, tool] of (request.tools ?? []).entries()) add(`tools.${index}`, "tools", tool, null);
  const system =
    typeof request.system === "string" ? [{ type: "text", text: request.system }] : request.system;
  for (const [index, block] of (system ?? []).entries()) add(`system.${index}`, "system", block, null);
  for (const [index, message] of request.messages.entries()) {
    const blocks: Block[] =
      typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
    for (const [at, block] of blocks.entries())
      add(`messages.${index}.content.${at}`, message.role, block, block);
  }
  return items;
}

/** The hash of a prefix that is one piece longer. */
export function extendPrefix(before: string, scope: string, canonicalText: string): string {
  return createHash("sha256")
    .update(before)
    .update(scope)
    .update("\0")
    .update(canonicalText)
    .digest("base64url");
}

/** A value's one spelling: sorted keys, no cache marks, no empty options, a string in place of one text block. */
export function canonical(value: unknown): string {
  return JSON.stringify(simplified(value));
}

const WITHOUT_MEANING = new Set(["cache_control", "caller"]);

function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplified);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => !WITHOUT_MEANING.has(key) && inner !== null && inner !== undefined)
    .filter(([key, inner]) => !(key === "is_error" && inner === false))
    .map(([key, inner]): [string, unknown] => [key, simplified(inner)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const sorted: Record<string, unknown> = Object.fromEntries(entries);
  if (sorted.type === "tool_result" && typeof sorted.content === "string") {
    sorted.content = [{ text: sorted.content, type: "text" }];
  }
  return sorted;
}

/** An image costs by its size in pixels, not in bytes; one number is near enough. */
const IMAGE_TOKENS = 1_500;

function tokensOf(text: string, block: Block | null): number {
  return block?.type === "image" ? IMAGE_TOKENS : countTokens(text);
}

function ttlOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null) return null;
  if ("content" in value && Array.isArray(value.content)) {
    // A mark inside a tool result counts as one on the result.
    for (const part of value.content) {
      const inner = ttlOf(part);
      if (inner !== null) return inner;
    }
  }
  if (!("cache_control" in value)) return null;
  const mark = value.cache_control as { ttl?: keyof typeof TTL_MS } | null | undefined;
  return mark ? TTL_MS[mark.ttl ?? "5m"] : null;
}
