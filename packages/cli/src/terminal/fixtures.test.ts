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
  for (const part of ["ls -la", "trying again in 2 s", "pull request #7", "message taken"])
    expect(text).toContain(part);
});
