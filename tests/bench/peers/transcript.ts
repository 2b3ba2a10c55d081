import type { WorkerEvent } from "@farhand/protocol";

/** A line of a Claude Code transcript, the one language that both peers speak. */
export interface TranscriptLine {
  type: "user" | "assistant";
  message: { role: "user" | "assistant"; content: unknown; id?: string; model?: string; type?: "message" };
  uuid: string;
  parentUuid: string | null;
  sessionId: string;
  cwd: string;
  isSidechain: false;
  timestamp: string;
  version: string;
}

/** The names that Claude Code gives to what our agent calls its tools. */
const TOOLS: Record<string, string> = { bash: "Bash", edit: "Edit" };

/** The same work in a transcript: each of our events is one line there, since it has a line for each block. */
export function transcriptOf(sessionId: string, cwd: string) {
  let parentUuid: string | null = null;
  let answer = { id: "", model: "" };
  const inputs = new Map<string, unknown>();

  const line = (type: "user" | "assistant", content: unknown): TranscriptLine => {
    const uuid = crypto.randomUUID();
    const made: TranscriptLine = {
      parentUuid,
      isSidechain: false,
      cwd,
      sessionId,
      version: "2.1.0",
      type,
      message:
        type === "user" ? { role: type, content } : { role: type, type: "message", ...answer, content },
      uuid,
      timestamp: new Date().toISOString(),
    };
    parentUuid = uuid;
    return made;
  };

  return {
    prompt: (text: string) => line("user", text),

    /** Null for what a transcript does not have. */
    of(event: WorkerEvent): TranscriptLine | null {
      switch (event.type) {
        case "assistant.message":
          answer = { id: event.messageId, model: event.model };
          for (const block of event.content)
            if (block.type === "tool_use") inputs.set(String(block.id), block.input);
          return line(
            "assistant",
            event.content.filter(({ type }) => type === "text"),
          );
        case "tool.started": {
          const { toolUseId: id, name } = event;
          return line("assistant", [
            { type: "tool_use", id, name: TOOLS[name] ?? name, input: inputs.get(id) ?? {} },
          ]);
        }
        case "tool.finished":
          inputs.delete(event.toolUseId);
          return line("user", [
            {
              type: "tool_result",
              tool_use_id: event.toolUseId,
              content: event.content,
              is_error: event.isError,
            },
          ]);
        default:
          return null;
      }
    },
  };
}

export type Transcript = ReturnType<typeof transcriptOf>;
