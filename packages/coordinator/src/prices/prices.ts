import { readFile } from "node:fs/promises";
import { calcPrice, type Usage } from "@pydantic/genai-prices";
import { z } from "zod";
import { type MeteredUse, type PriceOf, roundUsd } from "../domain/budget.ts";
import { failure } from "../domain/failure.ts";

const perMillion = z.number().min(0);

/** The file of FARHAND_PRICES: the model's id, as the API names it, and its prices in US dollars a million tokens. */
export const PriceFile = z.record(
  z.string(),
  z.strictObject({
    input: perMillion,
    output: perMillion,
    cacheRead: perMillion,
    cacheWrite: perMillion,
    /** Of what the cache keeps for an hour; as `cacheWrite` where it is left out. */
    cacheWriteHour: perMillion.optional(),
  }),
);
export type PriceFile = z.infer<typeof PriceFile>;

/** The day of its release, which the API writes behind a model's id where it was asked for by the id alone. */
const DATE = /[-@]\d{8}$/;

/**
 * Prices of one's own come first, for a dated model also those of its id without the date; then those that come with the
 * library. Nothing is asked of the network.
 */
export function createPrices(own: PriceFile): PriceOf {
  const ownPrice = (model: string) => (Object.hasOwn(own, model) ? own[model] : undefined);
  return (model, use) => {
    const price = ownPrice(model) ?? ownPrice(model.replace(DATE, ""));
    return price ? ownCost(price, use) : listedCost(model, use);
  };
}

function ownCost(price: PriceFile[string], use: MeteredUse): number {
  const shortCacheTokens = use.cacheCreationInputTokens - use.longCacheTokens;
  const millionths =
    use.inputTokens * price.input +
    use.outputTokens * price.output +
    use.cacheReadInputTokens * price.cacheRead +
    shortCacheTokens * price.cacheWrite +
    use.longCacheTokens * (price.cacheWriteHour ?? price.cacheWrite);
  return roundUsd(millionths / 1e6);
}

/** By Anthropic's list, else by whose model the name says it is: an address of one's own may serve others. */
function listedCost(model: string, use: MeteredUse): number | null {
  // The library's input is all of it; what went through the cache is named as a part.
  const usage: Usage = {
    input_tokens: use.inputTokens + use.cacheCreationInputTokens + use.cacheReadInputTokens,
    output_tokens: use.outputTokens,
    cache_read_tokens: use.cacheReadInputTokens,
    cache_write_tokens: use.cacheCreationInputTokens,
    ...(use.longCacheTokens > 0 ? { cache_write_1h_tokens: use.longCacheTokens } : {}),
  };
  const found = calcPrice(usage, model, { providerId: "anthropic" }) ?? calcPrice(usage, model);
  return found === null ? null : roundUsd(found.total_price);
}

/** @throws FarhandError `invalid_request` for a file that cannot be read or understood */
export async function readPriceFile(path: string | null): Promise<PriceFile> {
  if (path === null) return {};
  try {
    return PriceFile.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : "";
    throw failure(
      "invalid_request",
      `The file of prices ${path} cannot be used: ${reason}`,
      'Write it as {"model-id": {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75}}, in dollars a million tokens.',
      { cause: error },
    );
  }
}
