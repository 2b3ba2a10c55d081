import { z } from "zod";

const Tool = z.looseObject({ type: z.string().nullish() });

/** The parts of a model request that decide what the API's own servers would reach out to. */
export const ModelRequest = z.looseObject({
  model: z.unknown().optional(),
  mcp_servers: z.array(z.unknown()).nullish(),
  tools: z.array(Tool).nullish(),
  messages: z.array(z.looseObject({ content: z.unknown().optional() })).nullish(),
  system: z.unknown().optional(),
});
export type ModelRequest = z.infer<typeof ModelRequest>;

/** Tools that the caller itself runs, and searching among them. */
const LOCAL_TOOL = /^(custom|(bash|text_editor|memory|tool_search_tool_(bm25|regex))(_\d{8})?)$/;

/** Where a content block's data lies: in the request itself. */
const INLINE_SOURCES: ReadonlySet<unknown> = new Set(["base64", "text", "content"]);

/**
 * Why a request may not go to the model, or null. A sandbox has no network, so it must not borrow that of the
 * API's servers: tools which they run (web search and fetch, code, MCP), and images or documents which they
 * would load from elsewhere, could carry the repository out.
 */
export function modelRefusal(request: ModelRequest): string | null {
  if ((request.mcp_servers ?? []).length > 0) return "MCP servers that the model API would call";
  for (const { type } of request.tools ?? []) {
    if (type !== null && type !== undefined && !LOCAL_TOOL.test(type)) {
      return `the tool ${JSON.stringify(type.slice(0, 60))}, which runs outside of this sandbox`;
    }
  }
  const outside = [request.system, ...(request.messages ?? []).map((message) => message.content)].find(
    loadsFromOutside,
  );
  return outside === undefined ? null : "images or documents that the model API would load from elsewhere";
}

function loadsFromOutside(content: unknown): boolean {
  if (!Array.isArray(content)) return false;
  return content.some((block: unknown) => {
    if (typeof block !== "object" || block === null) return false;
    if ("source" in block && typeof block.source === "object" && block.source !== null) {
      const { source } = block;
      if (!("type" in source) || !INLINE_SOURCES.has(source.type)) return true;
      if ("content" in source && loadsFromOutside(source.content)) return true;
    }
    return "content" in block && loadsFromOutside(block.content);
  });
}
