import { doneText } from "../app/orders.ts";
import { answer, step } from "../app/work.ts";
import { type Transcript, type TranscriptLine, transcriptOf } from "./transcript.ts";

export const LISTED = 20;
export const LONG_ID = "long";
export const WAITING_ID = "waiting";

/** A session for each row of the list, the long one among them, and one that waits for orders. */
export interface Session {
  id: string;
  title: string;
  lines: TranscriptLine[];
}

/** Sessions as Farhand's tasks are: short ones, and one of so many events. The first is the one that waits. */
export function sessions(
  cwd: string,
  longEvents: number,
): { waiting: Session; long: Session; all: Session[] } {
  const make = (title: string, events: number, end: string): Session => {
    const id = crypto.randomUUID();
    return { id, title, lines: linesOf(transcriptOf(id, cwd), events, end) };
  };
  const waiting = make("Waiting work", 0, WAITING_ID);
  const short = Array.from({ length: LISTED - 2 }, (_, n) => make(`Short work ${n + 1}`, 20, `short-${n}`));
  const long = make("Long work", longEvents, LONG_ID);
  return { waiting, long, all: [waiting, ...short, long] };
}

function linesOf(transcript: Transcript, events: number, end: string): TranscriptLine[] {
  const lines = [transcript.prompt("Work on the benchmark.")];
  for (let n = 1; lines.length <= events; n += 1)
    for (const event of step(n)) {
      const line = transcript.of(event);
      if (line && lines.length <= events) lines.push(line);
    }
  const last = transcript.of(answer(`done_${end}`, doneText(end)));
  return last ? [...lines, last] : lines;
}
