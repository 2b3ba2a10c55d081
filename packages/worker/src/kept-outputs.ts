import type { Sleep } from "./backoff.ts";
import { GatewayRefusal } from "./gateway-client.ts";
import { untilAnswered } from "./until-answered.ts";

export interface KeepOutputsOptions {
  put(toolUseId: string, text: string, signal: AbortSignal): Promise<void>;
  sleep: Sleep;
  random: () => number;
}

/** @returns whether the server has it. */
export type KeepOutput = (toolUseId: string, text: string, signal: AbortSignal) => Promise<boolean>;

/** Brings outputs to the server while the gateway comes and goes. It may have no room for one; that ends no turn. */
export function keepOutputs({ put, ...waiting }: KeepOutputsOptions): KeepOutput {
  return async (toolUseId, text, signal) => {
    try {
      await untilAnswered(() => put(toolUseId, text, signal), waiting, signal);
      return true;
    } catch (error) {
      if (error instanceof GatewayRefusal) return false;
      throw error;
    }
  };
}
