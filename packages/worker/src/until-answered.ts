import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";
import { GatewayAway } from "./gateway-client.ts";

const BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

/**
 * Makes a call of the gateway again and again while it is away.
 *
 * @throws what the call throws otherwise, and the signal's reason when it aborts
 */
export async function untilAnswered<T>(
  call: () => Promise<T>,
  { sleep, random }: { sleep: Sleep; random: () => number },
  signal: AbortSignal,
): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof GatewayAway)) throw error;
      await sleep(backoffMs(retries, BACKOFF, random), signal);
    }
  }
}
