import type { TaskEvent } from "@farhand/protocol";
import type { Sent, TaskFacts } from "./facts.ts";

/** What the log says of one message. */
interface Traces {
  /** For each time that it was put in the queue, the number of the run that it was in. */
  queued: number[];
  withdrawn: number;
  /** The last text that it had before it was delivered. */
  text: string;
  /** For each delivery, as a turn's opening or as steering, the number of the run that it was in. */
  runs: number[];
}

/**
 * I3: each message that was taken is delivered once, or it still waits, or it was withdrawn. What was delivered in a
 * turn that is run again may be delivered in that again.
 */
export function messageTroubles({ events, sent, waiting }: TaskFacts): string[] {
  const { traces, retriedRuns } = trace(events);
  const troubles: string[] = [];
  const idsByText = new Map<string, string[]>();
  for (const [id, { text }] of traces) idsByText.set(text, [...(idsByText.get(text) ?? []), id]);

  const known = new Set<string>();
  for (const message of sent) {
    const ids = idsByText.get(message.editedTo ?? message.text) ?? [];
    const said = `"${message.text}"`;
    for (const id of ids) known.add(id);
    if (ids.length > 1) troubles.push(`${said} is there as ${ids.length} messages: ${ids.join(", ")}`);
    if (message.outcome === "refused" && ids.length > 0) troubles.push(`${said} was refused and is there`);
    if (message.outcome === "unanswered") troubles.push(`${said} got no answer`);
    if (message.outcome !== "accepted") continue;
    const id = message.messageId ?? ids[0];
    const found = id === undefined ? undefined : traces.get(id);
    if (id === undefined || found === undefined) {
      troubles.push(`${said} was taken and is not in the log`);
      continue;
    }
    known.add(id);
    troubles.push(...fateTroubles(said, message, found, waiting.includes(id), retriedRuns));
  }
  for (const [id, { text }] of traces)
    if (!known.has(id)) troubles.push(`the message ${id} "${text}" is in the log and nobody sent it`);
  return troubles;
}

function fateTroubles(
  said: string,
  message: Sent,
  found: Traces,
  waits: boolean,
  retriedRuns: ReadonlySet<number>,
): string[] {
  const troubles: string[] = [];
  const expected = message.editedTo ?? message.text;
  if (found.text !== expected) troubles.push(`${said} is there as "${found.text}"`);
  // What happened to it in a run that was thrown away does not count beside a later run.
  const lasts = (run: number) => !retriedRuns.has(run);
  const lasting = found.runs.filter(lasts);
  const queued = found.queued.filter(lasts);
  if (queued.length > 1) troubles.push(`${said} was queued ${queued.length} times`);
  if (new Set(found.runs).size !== found.runs.length)
    troubles.push(`${said} was delivered twice in one run of its turn`);
  if (lasting.length > 1) troubles.push(`${said} was delivered ${lasting.length} times`);
  if (message.wasWithdrawn !== found.withdrawn > 0)
    troubles.push(`${said} was ${message.wasWithdrawn ? "" : "not "}withdrawn, and the log says otherwise`);
  if (found.withdrawn > 0 && found.runs.length > 0)
    troubles.push(`${said} was withdrawn and delivered all the same`);
  if (found.runs.length === 0 && found.withdrawn === 0 && !waits)
    troubles.push(`${said} was neither delivered, nor withdrawn, nor does it wait`);
  if (waits && lasting.length > 0) troubles.push(`${said} was delivered and still waits`);
  return troubles;
}

function trace(events: readonly TaskEvent[]): { traces: Map<string, Traces>; retriedRuns: Set<number> } {
  const traces = new Map<string, Traces>();
  const retriedRuns = new Set<number>();
  let run = 0;
  const at = (id: string): Traces => {
    const found = traces.get(id) ?? { queued: [], withdrawn: 0, text: "", runs: [] };
    traces.set(id, found);
    return found;
  };
  for (const { body } of events) {
    switch (body.type) {
      case "turn.started":
        if (body.isRetry) retriedRuns.add(run);
        run += 1;
        // A retry opens with the message that opened the turn before.
        at(body.messageId).runs.push(run);
        at(body.messageId).text = body.text;
        break;
      case "user.message":
        at(body.messageId).runs.push(run);
        at(body.messageId).text = body.text;
        break;
      case "message.queued":
        at(body.messageId).queued.push(run);
        at(body.messageId).text = body.text;
        break;
      case "message.edited":
        at(body.messageId).text = body.text;
        break;
      case "message.withdrawn":
        at(body.messageId).withdrawn += 1;
        break;
    }
  }
  return { traces, retriedRuns };
}
