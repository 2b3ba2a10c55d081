import { expect, test } from "bun:test";
import { TaskEvent } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { EMPTY_TRANSCRIPT, readItem } from "./transcript.ts";

test("every kind of event can be told to a person", () => {
  let transcript = EMPTY_TRANSCRIPT;
  const told: string[] = [];
  for (const event of fixtures.events) {
    const step = readItem(transcript, { type: "event", event: TaskEvent.parse(event) });
    transcript = step.transcript;
    told.push(...step.passages.map((passage) => JSON.stringify(passage)));
  }
  const text = told.join("\n");
  for (const part of [
    "ls -la",
    "trying again in 2 s",
    "pull request #7",
    "message taken",
    "now: Add two tests as well.",
    "withdrawn",
    "another order",
    "turn stopped",
    "goes on with turn 2",
    "The task waits: The disk is nearly full.",
    "back at the end of turn 1",
    "1.0 MiB freed",
    "2. half even",
    "was not answered",
  ])
    expect(text).toContain(part);
});
