import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";
import { GatewayAway, GatewayRefusal } from "./gateway-client.ts";

const BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

export interface KeepOutputsOptions {
  put(toolUseId: string, text: string, signal: AbortSignal): Promise<void>;
  sleep: Sleep;
  random: () => number;
}

/** @returns whether the server has it. */
export type KeepOutput = (toolUseId: string, text: string, signal: AbortSignal) => Promise<boolean>;

/** Brings outputs to the server while the gateway comes and goes. It may have no room for one; that ends no turn. */
export function keepOutputs({ put, sleep, random }: KeepOutputsOptions): KeepOutput {
  return async (toolUseId, text, signal) => {
    for (let retries = 0; ; retries++) {
      try {
        await put(toolUseId, text, signal);
        return true;
      } catch (error) {
        if (error instanceof GatewayRefusal) return false;
        if (!(error instanceof GatewayAway)) throw error;
        await sleep(backoffMs(retries, BACKOFF, random), signal);
      }
    }
  };
}
