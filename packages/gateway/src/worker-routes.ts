import {
  ACKNOWLEDGED_HEADER,
  DELTAS_BODY_MAX_BYTES,
  DeltaBatch,
  EVENTS_BODY_MAX_BYTES,
  type EventAck,
  EventBatch,
  INBOX_HOLD_MS,
  type InboxPage,
} from "@farhand/protocol";
import { z } from "zod";
import { parse, parseJson, readBytes } from "./body.ts";
import type { Passage } from "./fence.ts";
import type { GatewayPorts } from "./ports.ts";
import { problem } from "./problem.ts";

const InboxQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/, "is a whole number from 0 on")
    .transform(Number),
});

export async function answerAssignment(ports: GatewayPorts, passage: Passage): Promise<Response> {
  return Response.json(await ports.assignment(passage.claim, passage.signal));
}

export async function takeEvents(ports: GatewayPorts, request: Request, passage: Passage): Promise<Response> {
  const bytes = await readBytes(request, EVENTS_BODY_MAX_BYTES);
  if (!bytes.ok) return bytes.response;
  const batch = parseJson(bytes.value, EventBatch);
  if (!batch.ok) return batch.response;
  const { events } = batch.value;
  const first = events[0]?.n ?? 0;
  const hole = events.findIndex((event, index) => event.n !== first + index);
  if (hole !== -1) {
    return problem("invalid_request", "The numbers of the events in a batch must follow one another.", {
      fields: [{ path: `events.${hole}.n`, message: `is ${events[hole]?.n} and should be ${first + hole}` }],
    });
  }
  // Reading the body may have taken long enough for a newer attempt to begin.
  passage.signal.throwIfAborted();
  const result = await ports.append(passage.claim, events);
  if (result.status === "gap") {
    return problem(
      "event_gap",
      `Event ${result.acknowledged} is the last one held without a gap, and this batch begins at ${first}.`,
      { headers: { [ACKNOWLEDGED_HEADER]: String(result.acknowledged) } },
    );
  }
  return Response.json({ acknowledged: result.acknowledged } satisfies EventAck);
}

export async function takeDeltas(ports: GatewayPorts, request: Request, passage: Passage): Promise<Response> {
  const bytes = await readBytes(request, DELTAS_BODY_MAX_BYTES);
  if (!bytes.ok) return bytes.response;
  const batch = parseJson(bytes.value, DeltaBatch);
  if (!batch.ok) return batch.response;
  passage.signal.throwIfAborted();
  ports.delta(passage.claim, batch.value.deltas);
  return new Response(null, { status: 204 });
}

export async function answerInbox(
  ports: GatewayPorts,
  request: Request,
  passage: Passage,
): Promise<Response> {
  const query = parse(Object.fromEntries(new URL(request.url).searchParams), InboxQuery, "query");
  if (!query.ok) return query.response;
  const hold = AbortSignal.any([passage.signal, AbortSignal.timeout(INBOX_HOLD_MS)]);
  const items = await ports.inbox(passage.claim, query.value.after, hold);
  return Response.json({ items } satisfies InboxPage);
}
