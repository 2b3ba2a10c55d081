import { z } from "zod";
import type { MeteredUsage } from "./ports.ts";
import { outputTokensOf } from "./usage-estimate.ts";

const count = z.int().min(0).nullish().catch(null);
const Usage = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  /** Of `cache_creation_input_tokens`, how many are kept for how long. */
  cache_creation: z.object({ ephemeral_1h_input_tokens: count }).nullish().catch(null),
});
const Answer = z.object({ model: z.string(), usage: Usage });
const StreamEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message_start"), message: Answer }),
  z.object({ type: z.literal("message_delta"), usage: Usage }),
  z.object({ type: z.literal("content_block_delta"), delta: z.record(z.string(), z.unknown()) }),
]);
/** What a piece of an answer holds beside the model's words. */
const NOT_WORDS: ReadonlySet<string> = new Set(["type", "signature"]);

export interface Metered {
  model: string;
  usage: MeteredUsage;
  /** The answer did not come to its end, so that some of the tokens are reckoned from the bytes that came. */
  isEstimated: boolean;
}

/**
 * Reads the tokens of one model call out of its answer while the answer passes by. Copes with any split of the
 * bytes into chunks. Of a stream, the start names the input and each `message_delta` the totals so far. The words
 * between are told of by no total until then, so where a stream is cut off they are reckoned from their bytes.
 * Source: https://docs.claude.com/en/api/messages-streaming
 */
export interface UsageMeter {
  push(chunk: Uint8Array): void;
  /** Null while the answer has not told any usage: errors, token counts and lists of models never do. */
  read(): Metered | null;
}

export function meterFor(contentType: string): UsageMeter {
  return contentType.startsWith("text/event-stream") ? new StreamMeter() : new JsonMeter();
}

class JsonMeter implements UsageMeter {
  readonly #decoder = new TextDecoder();
  #text = "";

  push(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true });
  }

  read(): Metered | null {
    const answer = Answer.safeParse(parsed(this.#text));
    if (!answer.success) return null;
    return { model: answer.data.model, usage: merge(NO_USAGE, answer.data.usage), isEstimated: false };
  }
}

class StreamMeter implements UsageMeter {
  readonly #decoder = new TextDecoder();
  /** Pieces of the line that has not ended yet. */
  #line: string[] = [];
  #afterCarriageReturn = false;
  /** `data` lines of the event that has not ended yet. */
  #data: string[] = [];
  #model: string | null = null;
  #usage = NO_USAGE;
  /** Bytes of the model's words since the last total, which does not have them in it. */
  #wordBytes = 0;
  /** A total of the output has come. */
  #hasTotal = false;

  push(chunk: Uint8Array): void {
    let text = this.#decoder.decode(chunk, { stream: true });
    if (text === "") return;
    if (this.#afterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    this.#afterCarriageReturn = text.endsWith("\r");
    const lines = text.split(/\r\n|\n|\r/);
    lines.forEach((piece, index) => {
      this.#line.push(piece);
      if (index < lines.length - 1) {
        this.#takeLine(this.#line.join(""));
        this.#line = [];
      }
    });
  }

  read(): Metered | null {
    if (this.#model === null) return null;
    const outputTokens = this.#usage.outputTokens + outputTokensOf(this.#wordBytes);
    const isEstimated = !this.#hasTotal || this.#wordBytes > 0;
    return { model: this.#model, usage: { ...this.#usage, outputTokens }, isEstimated };
  }

  #takeLine(line: string): void {
    if (line.startsWith("data:")) this.#data.push(line.slice("data:".length));
    else if (line === "") {
      this.#takeEvent(this.#data.join("\n"));
      this.#data = [];
    }
  }

  #takeEvent(data: string): void {
    const event = StreamEvent.safeParse(parsed(data));
    if (!event.success) return;
    switch (event.data.type) {
      case "message_start":
        this.#model = event.data.message.model;
        this.#usage = merge(this.#usage, event.data.message.usage);
        return;
      case "content_block_delta":
        this.#wordBytes += wordBytesIn(event.data.delta);
        return;
      case "message_delta":
        this.#usage = merge(this.#usage, event.data.usage);
        // Without a total of the output the words are still told of by none.
        if (typeof event.data.usage.output_tokens !== "number") return;
        this.#wordBytes = 0;
        this.#hasTotal = true;
        return;
    }
  }
}

function wordBytesIn(delta: Record<string, unknown>): number {
  return Object.entries(delta).reduce(
    (sum, [name, value]) =>
      typeof value === "string" && !NOT_WORDS.has(name) ? sum + Buffer.byteLength(value) : sum,
    0,
  );
}

export const NO_USAGE: MeteredUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
  longCacheTokens: 0,
};

/** Later totals replace earlier ones; a kind that is not named stays. */
function merge(before: MeteredUsage, told: z.infer<typeof Usage>): MeteredUsage {
  const cacheCreationInputTokens = told.cache_creation_input_tokens ?? before.cacheCreationInputTokens;
  const longCacheTokens = told.cache_creation?.ephemeral_1h_input_tokens ?? before.longCacheTokens;
  return {
    inputTokens: told.input_tokens ?? before.inputTokens,
    outputTokens: told.output_tokens ?? before.outputTokens,
    cacheCreationInputTokens,
    cacheReadInputTokens: told.cache_read_input_tokens ?? before.cacheReadInputTokens,
    longCacheTokens: Math.min(longCacheTokens, cacheCreationInputTokens),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
