import type { Attachment, AttachmentBlock, ContentBlock, EventBody, Message } from "@farhand/protocol";

/**
 * What one event adds to the model conversation. The log is the truth and the conversation follows from it: answers
 * and tool results are lines of their own, so a worker that died between two tools loses neither, and a roll-back is
 * to leave lines out.
 */
export interface ConversationLine {
  /** The turn that it belongs to; 0 for what a forked task brought along. */
  turn: number;
  role: Message["role"];
  content: ContentBlock[];
}

/** A tool call that has no result. */
export interface OpenTool {
  id: string;
  name: string;
}

/** The line that an event adds, or null when it says nothing to the model. */
export function lineOf(body: EventBody, turn: number): ConversationLine | null {
  switch (body.type) {
    case "turn.started":
      return { turn: body.turn, role: "user", content: said(body) };
    case "files.restored":
      return { turn, role: "user", content: [{ type: "text", text: restoredText(body.lost) }] };
    case "user.message":
      return { turn, role: "user", content: said(body) };
    case "assistant.message":
      return { turn, role: "assistant", content: body.content };
    case "tool.finished":
      return {
        turn,
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: body.toolUseId, content: body.content, is_error: body.isError },
        ],
      };
    default:
      return null;
  }
}

/** What belongs to the words stands before them: a model reads a picture better that it has seen before the question. */
function said({
  text,
  attachments = [],
}: {
  text: string;
  attachments?: Attachment[] | undefined;
}): ContentBlock[] {
  const blocks = attachments.map((it): AttachmentBlock => ({ type: "farhand_attachment", ...it }));
  return [...blocks, { type: "text", text }];
}

/** Told to the agent, which would else believe that its steps are done. */
function restoredText(lost: readonly string[]): string {
  const steps = lost.map((label) => `- ${label}`).join("\n");
  return `The sandbox was lost and another one goes on with this turn. Its files are as they were before these steps, the last of which you have seen succeed:\n${steps}\nWhat they changed in files, and commits that they made, may be gone. Look at the work tree first, and do again what is missing.`;
}

/**
 * The lines as the Messages API takes them: what the user says in a row is one message, in which the tool results come
 * first. Answers stay apart, as they were given.
 */
export function assemble(lines: readonly ConversationLine[]): Message[] {
  const messages: Message[] = [];
  for (const { role, content } of lines) {
    const last = messages.at(-1);
    if (role === "user" && last?.role === "user") last.content.push(...content);
    else messages.push({ role, content: [...content] });
  }
  return messages.map(({ role, content }) => ({
    role,
    content: role === "user" ? resultsFirst(content) : content,
  }));
}

function resultsFirst(content: ContentBlock[]): ContentBlock[] {
  const isResult = (block: ContentBlock) => block.type === "tool_result";
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}

/** The calls of the last answer that no line after it answers. */
export function openTools(lines: readonly ConversationLine[]): OpenTool[] {
  const index = lines.findLastIndex((line) => line.role === "assistant");
  const answer = lines[index];
  if (!answer) return [];
  const answered = new Set(
    lines.slice(index + 1).flatMap(({ content }) => content.map((b) => b.tool_use_id)),
  );
  return answer.content.flatMap((block) =>
    block.type === "tool_use" && !answered.has(block.id)
      ? [{ id: String(block.id), name: String(block.name) }]
      : [],
  );
}

/**
 * Without the model's thoughts, whose signatures hold for the very conversation that they were thought in: a fork's
 * instructions name another branch.
 */
export function withoutThoughts(lines: readonly ConversationLine[]): ConversationLine[] {
  return lines
    .map((line) => ({
      ...line,
      content: line.content.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking"),
    }))
    .filter(({ content }) => content.length > 0);
}
