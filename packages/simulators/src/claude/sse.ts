import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { StreamEvent } from "./events.ts";

export interface StreamPlan {
  events: readonly StreamEvent[];
  chunkDelayMs: number;
  /** Close the connection after this many events; null to send them all. */
  cutAfterEvents: number | null;
  /** Send an `error` event after so many events and end. */
  errorAfterEvents: { count: number; event: StreamEvent } | null;
}

const CUT_PAUSE_MS = 50;

/** Writes a stream of server-sent events; ends early when the client goes away. */
export async function writeEvents(
  response: ServerResponse,
  plan: StreamPlan,
  signal: AbortSignal,
): Promise<void> {
  response.flushHeaders();
  for (const [index, event] of plan.events.entries()) {
    if (plan.cutAfterEvents === index) {
      // A client that gets data and the end of the connection at once may drop the data.
      await pause(CUT_PAUSE_MS, signal);
      return void response.destroy();
    }
    if (plan.errorAfterEvents?.count === index) {
      await write(response, plan.errorAfterEvents.event, signal);
      return void response.end();
    }
    if (event.type === "content_block_delta") await pause(plan.chunkDelayMs, signal);
    if (signal.aborted) return;
    await write(response, event, signal);
  }
  response.end();
}

/** Waits, or returns early when the signal aborts. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => undefined);
}

async function write(response: ServerResponse, event: StreamEvent, signal: AbortSignal): Promise<void> {
  const full = !response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  if (full && !signal.aborted) await once(response, "drain", { signal }).catch(() => undefined);
}
