import { type Answer, type AnswerBlock, inputText } from "./answer.ts";

export interface StreamEvent {
  type: string;
  [key: string]: unknown;
}

/** The events of a streamed answer, in the order of the real API: each holds a few words or a piece of JSON. */
export function eventsOf(answer: Answer): StreamEvent[] {
  const { usage } = answer;
  const events: StreamEvent[] = [
    {
      type: "message_start",
      message: { ...answer, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
  ];
  for (const [index, block] of answer.content.entries()) {
    events.push({ type: "content_block_start", index, content_block: emptied(block) });
    if (index === 0) events.push({ type: "ping" });
    for (const delta of deltasOf(block)) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
  }
  const { stop_reason, stop_sequence, stop_details, container, context_management } = answer;
  events.push({
    type: "message_delta",
    delta: { stop_reason, stop_sequence, stop_details, container },
    usage: {
      input_tokens: usage.input_tokens,
      cache_creation_input_tokens: usage.cache_creation_input_tokens,
      cache_read_input_tokens: usage.cache_read_input_tokens,
      output_tokens: usage.output_tokens,
      output_tokens_details: usage.output_tokens_details,
      server_tool_use: usage.server_tool_use,
      iterations: usage.iterations,
      fallback_credit: usage.fallback_credit,
    },
    context_management,
  });
  events.push({ type: "message_stop" });
  return events;
}

function emptied(block: AnswerBlock): AnswerBlock {
  switch (block.type) {
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "text":
      return { ...block, text: "" };
    case "tool_use":
      return { ...block, input: {} };
  }
}

function deltasOf(block: AnswerBlock): object[] {
  switch (block.type) {
    case "thinking":
      return [
        ...words(block.thinking).map((thinking) => ({
          type: "thinking_delta",
          thinking,
          estimated_tokens: null,
        })),
        { type: "signature_delta", signature: block.signature },
      ];
    case "text":
      return words(block.text).map((text) => ({ type: "text_delta", text }));
    case "tool_use":
      return ["", ...pieces(inputText(block.input))].map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      }));
  }
}

/** A text in pieces of two words; together they are the text again. */
function words(text: string): string[] {
  return text.match(/(?:\s*\S+){1,2}\s*$|(?:\s*\S+){1,2}|\s+/g) ?? [];
}

const PIECE_CHARACTERS = 20;

function pieces(text: string): string[] {
  const characters = [...text];
  const found: string[] = [];
  for (let at = 0; at < characters.length; at += PIECE_CHARACTERS) {
    found.push(characters.slice(at, at + PIECE_CHARACTERS).join(""));
  }
  return found;
}
