import type { BetaMessageStream } from "@anthropic-ai/sdk/lib/BetaMessageStream";
import type {
  BetaMessage,
  BetaRawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { Delta } from "@farhand/protocol";
import { BadAnswer } from "./model-errors.ts";

export interface AnswerOptions {
  onDelta(delta: Delta): void;
  /** Called with the message's id when the answer is whole, or given up. */
  onEnd(messageId: string): void;
}

/**
 * Reads one answer of the model to its end and passes its pieces on. Stricter than the SDK: an answer that ends
 * without a reason, or has a tool call that is not whole JSON, is an error. The SDK mends cut JSON by closing
 * its brackets, which would run a command that the model never finished writing.
 */
export async function readAnswer(stream: BetaMessageStream, options: AnswerOptions): Promise<BetaMessage> {
  const inputs = new Map<number, string>();
  let messageId = "";

  stream.on("streamEvent", (event: BetaRawMessageStreamEvent) => {
    if (event.type === "message_start") messageId = event.message.id;
    if (event.type !== "content_block_delta") return;
    const { delta, index } = event;
    switch (delta.type) {
      case "text_delta":
        return options.onDelta({ messageId, index, kind: "text", text: delta.text });
      case "thinking_delta":
        return options.onDelta({ messageId, index, kind: "thinking", text: delta.thinking });
      case "input_json_delta":
        inputs.set(index, (inputs.get(index) ?? "") + delta.partial_json);
        return options.onDelta({ messageId, index, kind: "tool_input", text: delta.partial_json });
    }
  });

  try {
    const message = await stream.finalMessage();
    if (message.stop_reason === null) throw new BadAnswer("it ended without a reason");
    // At the token limit the last call is cut by nature; it is not run then.
    if (message.stop_reason !== "max_tokens") checkInputs(inputs);
    return message;
  } finally {
    if (messageId !== "") options.onEnd(messageId);
  }
}

function checkInputs(inputs: Map<number, string>): void {
  for (const text of inputs.values()) {
    if (text === "") continue;
    try {
      JSON.parse(text);
    } catch (error) {
      throw new BadAnswer("a tool call was not valid JSON", { cause: error });
    }
  }
}
