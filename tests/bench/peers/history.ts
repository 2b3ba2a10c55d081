import { doneText } from "../app/orders.ts";
import { answer, step } from "../app/work.ts";
import { type Transcript, type TranscriptLine, transcriptOf } from "./transcript.ts";

export const LISTED = 20;
export const LONG_ID = "long";

export interface Session {
  id: string;
  title: string;
  /** What its last answer says. */
  end: string;
  lines: TranscriptLine[];
}

/** How much a subject has to hold. */
export interface Work {
  /** Of the long session. */
  longEvents: number;
  /** How many streams are measured. Each has a session of its own: what one has left on a page is nothing of the next. */
  streams: number;
}

/** Sessions as Farhand's tasks are: short ones, one of so many events, and those that wait for orders. */
export function sessions(
  cwd: string,
  { longEvents, streams }: Work,
): { waiting: Session[]; long: Session; all: Session[] } {
  const make = (title: string, events: number, name: string): Session => {
    const id = crypto.randomUUID();
    return { id, title, end: doneText(name), lines: linesOf(transcriptOf(id, cwd), events, name) };
  };
  const many = (count: number, title: string, events: number) =>
    Array.from({ length: count }, (_, n) => make(`${title} ${letter(n)}`, events, `${title}-${n}`));
  const waiting = many(streams, "Waiting work", 0);
  const short = many(Math.max(0, LISTED - 1 - streams), "Short work", 20);
  const long = make("Long work", longEvents, LONG_ID);
  return { waiting, long, all: [...waiting, ...short, long] };
}

/** No title is the beginning of another. */
const letter = (n: number) => String.fromCharCode("A".charCodeAt(0) + n);

/** @throws where more streams are opened than were made room for */
export function next(waiting: Session[]): Session {
  const session = waiting.shift();
  if (!session) throw new Error("there is no session left for another stream");
  return session;
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
