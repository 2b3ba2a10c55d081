import type { ContentBlock, EventBody, Message } from "@farhand/protocol";

/**
 * Puts one event into the model conversation. The log is the truth and the conversation follows from it:
 * answers and tool results arrive as events of their own, so a worker that died between two tools loses
 * neither.
 *
 * @returns the last message as it is now, and whether it is a new one; null when the event says nothing to the
 * model.
 */
export function converse(last: Message | null, body: EventBody): { message: Message; isNew: boolean } | null {
  switch (body.type) {
    case "assistant.message":
      return { message: { role: "assistant", content: body.content }, isNew: true };
    case "user.message":
      return addToUser(last, { type: "text", text: body.text });
    case "tool.finished":
      return addToUser(last, {
        type: "tool_result",
        tool_use_id: body.toolUseId,
        content: body.content,
        is_error: body.isError,
      });
    default:
      return null;
  }
}

function addToUser(last: Message | null, block: ContentBlock): { message: Message; isNew: boolean } {
  if (last?.role === "user")
    return { message: { role: "user", content: [...last.content, block] }, isNew: false };
  return { message: { role: "user", content: [block] }, isNew: true };
}
