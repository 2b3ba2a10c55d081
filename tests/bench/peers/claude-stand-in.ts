/**
 * What CloudCLI runs in place of Claude Code: it speaks the JSON lines of Claude Code's SDK and writes the session's
 * transcript, and does what the benchmark orders without asking a model.
 *
 * `FARHAND_BENCH_TRANSCRIPTS` names the folder of the transcripts, and `--resume` the session, which must be there: CloudCLI
 * reads a session anew from its transcript once a turn is over, so what is written elsewhere is gone from the page then.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { doneText, orderIn } from "../app/orders.ts";
import { pace, updates } from "../app/pace.ts";
import { answer } from "../app/work.ts";
import { type TranscriptLine, transcriptOf } from "./transcript.ts";

const { values: given } = parseArgs({
  // The SDK says `--resume=<id>`; what else it says is of no interest here.
  options: { resume: { type: "string" }, version: { type: "boolean" } },
  strict: false,
});
if (given.version) {
  process.stdout.write("2.1.0 (Claude Code)\n");
  process.exit(0);
}
if (typeof given.resume !== "string") throw new Error("it is to resume a session, and was told of none");
const sessionId = given.resume;
const file = join(process.env.FARHAND_BENCH_TRANSCRIPTS ?? "", `${sessionId}.jsonl`);
const transcript = transcriptOf(sessionId, process.cwd());

const write = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const keep = (line: TranscriptLine) => appendFileSync(file, `${JSON.stringify(line)}\n`);
const report = (line: TranscriptLine | null) => {
  if (!line) return;
  keep(line);
  const { type, message, uuid } = line;
  write({ type, message, uuid, parent_tool_use_id: null, session_id: sessionId });
};

async function obey(text: string): Promise<void> {
  const order = orderIn(text);
  keep(transcript.prompt(text));
  write({
    type: "system",
    subtype: "init",
    session_id: sessionId,
    uuid: crypto.randomUUID(),
    cwd: process.cwd(),
    tools: [],
    mcp_servers: [],
    model: "claude-sonnet-4-5",
    permissionMode: "default",
    slash_commands: [],
    apiKeySource: "none",
  });
  let steps = 0;
  await pace(
    updates(() => ++steps),
    { count: order.updates ?? 0, perSecond: order.perSecond ?? 60 },
    // CloudCLI does not ask for pieces of answers.
    (_, events) => {
      for (const event of events) report(transcript.of(event));
    },
  );
  report(transcript.of(answer(`done_${order.id}`, doneText(order.id))));
  write({
    type: "result",
    subtype: "success",
    is_error: false,
    result: doneText(order.id),
    num_turns: 1,
    duration_ms: 1,
    duration_api_ms: 1,
    total_cost_usd: 0,
    usage: { input_tokens: 0, output_tokens: 0 },
    session_id: sessionId,
    uuid: crypto.randomUUID(),
  });
}

interface Told {
  type: string;
  request_id?: string;
  message?: { content: string | { type: string; text?: string }[] };
}

for await (const text of console) {
  if (text.trim() === "") continue;
  const told = JSON.parse(text) as Told;
  if (told.type === "control_request") {
    const response = { commands: [], models: [], agents: [], output_style: "default", account: {} };
    write({
      type: "control_response",
      response: { subtype: "success", request_id: told.request_id, response },
    });
  } else if (told.type === "user" && told.message) {
    const { content } = told.message;
    await obey(
      typeof content === "string" ? content : content.map(({ text: part }) => part ?? "").join("\n"),
    );
  }
}
