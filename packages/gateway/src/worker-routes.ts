import {
  ACKNOWLEDGED_HEADER,
  AttachmentId,
  DELTAS_BODY_MAX_BYTES,
  DeltaBatch,
  EVENTS_BODY_MAX_BYTES,
  type EventAck,
  EventBatch,
  INBOX_HOLD_MS,
  type InboxPage,
  OUTPUT_MAX_BYTES,
  QuestionId,
  type QuestionOutcome,
  TakeMessages,
  type TakenMessages,
  ToolUseId,
} from "@farhand/protocol";
import { z } from "zod";
import { type BodyResult, parse, parseJson, readBytes } from "./body.ts";
import type { EventAllowance } from "./event-allowance.ts";
import type { Passage } from "./fence.ts";
import type { GatewayPorts } from "./ports.ts";
import { problem, staleAttempt } from "./problem.ts";

/** A {@link TakeMessages} is one number. */
const TAKE_BODY_MAX_BYTES = 1024;

const AfterQuery = z.strictObject({
  after: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/, "is a whole number from 0 on")
    .transform(Number),
});

const AttachmentQuery = z.strictObject({ id: AttachmentId });

const QuestionQuery = z.strictObject({ question: QuestionId });

const OutputQuery = z.strictObject({ call: ToolUseId });

export async function answerAssignment(
  ports: GatewayPorts,
  request: Request,
  passage: Passage,
): Promise<Response> {
  const after = afterIn(request);
  if (!after.ok) return after.response;
  return Response.json(await ports.assignment(passage.claim, after.value, passage.signal));
}

interface EventsCall {
  ports: GatewayPorts;
  eventAllowance: EventAllowance;
  request: Request;
  passage: Passage;
}

export async function takeEvents({ ports, eventAllowance, request, passage }: EventsCall): Promise<Response> {
  const bytes = await readBytes(request, EVENTS_BODY_MAX_BYTES);
  if (!bytes.ok) return bytes.response;
  if (!eventAllowance.take(passage.claim.attempt, bytes.value.byteLength)) {
    ports.reportedTooMuch(passage.claim);
    return problem(
      "payload_too_large",
      `This attempt has reported more than the ${Math.round(eventAllowance.maxBytes / 1024 ** 2)} MiB that one may.`,
      { action: "End: nothing more that it reports is taken." },
    );
  }
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
  const after = afterIn(request);
  if (!after.ok) return after.response;
  const hold = AbortSignal.any([passage.signal, AbortSignal.timeout(INBOX_HOLD_MS)]);
  const items = await ports.inbox(passage.claim, after.value, hold);
  return Response.json({ items } satisfies InboxPage);
}

export async function answerOutcome(
  ports: GatewayPorts,
  request: Request,
  passage: Passage,
): Promise<Response> {
  const query = queryOf(request, QuestionQuery);
  if (!query.ok) return query.response;
  const hold = AbortSignal.any([passage.signal, AbortSignal.timeout(INBOX_HOLD_MS)]);
  const outcome = await ports.answer(passage.claim, query.value.question, hold);
  return Response.json(outcome satisfies QuestionOutcome);
}

export async function answerAttachment(
  ports: GatewayPorts,
  request: Request,
  passage: Passage,
): Promise<Response> {
  const query = queryOf(request, AttachmentQuery);
  if (!query.ok) return query.response;
  const bytes = await ports.attachment(passage.claim, query.value.id);
  if (bytes === null) return problem("not_found", "No event of this task names such an attachment.");
  const headers = { "content-type": "application/octet-stream", "x-content-type-options": "nosniff" };
  return new Response(bytes, { headers });
}

export async function takeOutput(ports: GatewayPorts, request: Request, passage: Passage): Promise<Response> {
  const query = queryOf(request, OutputQuery);
  if (!query.ok) return query.response;
  const bytes = await readBytes(request, OUTPUT_MAX_BYTES);
  if (!bytes.ok) return bytes.response;
  passage.signal.throwIfAborted();
  const isKept = await ports.keepOutput(
    passage.claim,
    query.value.call,
    new TextDecoder().decode(bytes.value),
  );
  return isKept
    ? new Response(null, { status: 204 })
    : problem("payload_too_large", "The server keeps no more outputs of this task.", {
        action: "Go on without it.",
      });
}

export async function takeMessages(
  ports: GatewayPorts,
  request: Request,
  passage: Passage,
): Promise<Response> {
  const bytes = await readBytes(request, TAKE_BODY_MAX_BYTES);
  if (!bytes.ok) return bytes.response;
  const wanted = parseJson(bytes.value, TakeMessages);
  if (!wanted.ok) return wanted.response;
  passage.signal.throwIfAborted();
  const messages = await ports.take(passage.claim, wanted.value.after);
  if (messages === null) return staleAttempt();
  return Response.json({ messages } satisfies TakenMessages);
}

/** The query `?after=<number>`, and nothing else. */
function afterIn(request: Request): BodyResult<number> {
  const query = queryOf(request, AfterQuery);
  return query.ok ? { ok: true, value: query.value.after } : query;
}

function queryOf<T>(request: Request, schema: z.ZodType<T>): BodyResult<T> {
  const { searchParams } = new URL(request.url);
  // One given twice is a list here, and nothing that a schema takes.
  const given = Object.fromEntries(
    [...searchParams.keys()].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  return parse(given, schema, "query");
}
