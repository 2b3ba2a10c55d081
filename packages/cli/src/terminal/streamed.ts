/** What is printed of an answer while it streams, and what is left to print when it is there. */
import type { ContentBlock, Delta } from "@farhand/protocol";
import type { Passage } from "./passage.ts";

/** What was shown of the answer that is under way. */
export interface Streamed {
  messageId: string;
  /** By the index of the content block. */
  blocks: ReadonlyMap<number, string>;
  /** A connection was lost in between: the pieces no longer make up the answer, its event will. */
  broken: boolean;
}

export interface Said {
  streamed: Streamed | null;
  /** What it adds to the screen. */
  passages: Passage[];
}

export function pieceSaid(streamed: Streamed | null, delta: Delta): Said {
  if (delta.kind === "tool_input") return { streamed, passages: [] };
  const current = streamed?.messageId === delta.messageId ? streamed : null;
  if (current?.broken) return { streamed, passages: [] };
  const blocks = new Map(current?.blocks);
  const begins = !blocks.has(delta.index);
  blocks.set(delta.index, (blocks.get(delta.index) ?? "") + delta.text);
  const piece: Passage = { type: "prose", kind: delta.kind, text: delta.text };
  return {
    streamed: { messageId: delta.messageId, blocks, broken: false },
    passages: begins ? [{ type: "prose-end" }, piece] : [piece],
  };
}

/** What was printed stays; what was missed of it is printed behind. */
export function wholeSaid(streamed: Streamed | null, block: Delta): Said {
  const current = streamed?.messageId === block.messageId ? streamed : null;
  const known = current?.blocks.get(block.index) ?? "";
  // Pieces were lost on their way here: the event says all of it again.
  if (!block.text.startsWith(known)) return { streamed, passages: [] };
  const mended = current ? { ...current, broken: false } : streamed;
  const text = block.text.slice(known.length);
  return text === "" ? { streamed: mended, passages: [] } : pieceSaid(mended, { ...block, text });
}

/** The prose of a finished answer, without what streaming has shown of it. */
export function unseenProse(
  streamed: Streamed | null,
  message: { messageId: string; content: ContentBlock[] },
): Passage[] {
  const seen = streamed?.messageId === message.messageId ? streamed.blocks : new Map<number, string>();
  const passages: Passage[] = [];
  message.content.forEach((block, index) => {
    const prose = proseOf(block);
    if (!prose) return;
    const shown = seen.get(index) ?? "";
    const isContinued = shown !== "" && prose.text.startsWith(shown);
    const text = isContinued ? prose.text.slice(shown.length) : prose.text;
    if (text === "") return;
    if (!isContinued) passages.push({ type: "prose-end" });
    passages.push({ type: "prose", kind: prose.kind, text });
  });
  passages.push({ type: "prose-end" });
  return passages;
}

function proseOf(block: ContentBlock): { kind: "text" | "thinking"; text: string } | null {
  if (block.type === "text" && typeof block.text === "string") return { kind: "text", text: block.text };
  if (block.type === "thinking" && typeof block.thinking === "string") {
    return { kind: "thinking", text: block.thinking };
  }
  return null;
}
