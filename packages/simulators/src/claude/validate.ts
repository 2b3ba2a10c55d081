import { ApiError, invalid } from "./api-error.ts";
import { checkImages } from "./check-images.ts";
import { checkConversation } from "./conversation.ts";
import { findModel, type Model } from "./models.ts";
import {
  CountTokensBody,
  type CountTokensRequest,
  MessagesBody,
  type MessagesRequest,
  type Tool,
  ToolForm,
  TYPED_TOOLS,
} from "./request-shape.ts";
import { shapeMessage } from "./shape-message.ts";

/** Most cache breakpoints of one request, the automatic one included. */
const CACHE_BREAKPOINTS_MAX = 4;

/** Checks the body of `POST /v1/messages`. Throws {@link ApiError} with what the API would answer. */
export function validateMessages(body: unknown): { request: MessagesRequest; model: Model } {
  const parsed = MessagesBody.safeParse(body);
  if (!parsed.success) throw invalid(shapeMessage(parsed.error, body));
  const request = { ...withoutTools(parsed.data), ...validTools(parsed.data.tools) };
  const model = knownModel(request.model);
  if (request.max_tokens > model.maxOutputTokens) {
    throw invalid(
      `max_tokens: ${request.max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  checkCommon(request, model);
  const { thinking } = request;
  if (thinking?.type === "enabled" && thinking.budget_tokens >= request.max_tokens) {
    throw invalid("`max_tokens` must be greater than `thinking.budget_tokens`.");
  }
  return { request, model };
}

/** Checks the body of `POST /v1/messages/count_tokens`. */
export function validateCountTokens(body: unknown): { request: CountTokensRequest; model: Model } {
  const parsed = CountTokensBody.safeParse(body);
  if (!parsed.success) throw invalid(shapeMessage(parsed.error, body));
  const request = { ...withoutTools(parsed.data), ...validTools(parsed.data.tools) };
  const model = knownModel(request.model);
  checkCommon(request, model);
  return { request, model };
}

function withoutTools<T extends { tools?: unknown }>(body: T): Omit<T, "tools"> {
  const { tools: _, ...rest } = body;
  return rest;
}

function knownModel(id: string): Model {
  const model = findModel(id);
  if (model === undefined) throw new ApiError("not_found_error", `model: ${id}`);
  return model;
}

function validTools(tools: unknown[] | undefined): { tools?: Tool[] } {
  if (tools === undefined) return {};
  const names = new Set<string>();
  return {
    tools: tools.map((tool, index) => {
      const valid = validTool(tool, index);
      if (names.has(valid.name)) throw invalid("tools: Tool names must be unique.");
      names.add(valid.name);
      return valid;
    }),
  };
}

function validTool(tool: unknown, index: number): Tool {
  const type = typeof tool === "object" && tool !== null && "type" in tool ? tool.type : undefined;
  if (type === undefined || type === null || type === "custom") {
    const parsed = ToolForm.custom.safeParse(tool);
    if (parsed.success) return parsed.data;
    throw invalid(shapeMessage(parsed.error, tool, ["tools", index, "custom"]));
  }
  const parsed = ToolForm.typed.safeParse(tool);
  if (parsed.success) return parsed.data;
  if (typeof type === "string" && TYPED_TOOLS.includes(type)) {
    throw invalid(shapeMessage(parsed.error, tool, ["tools", index, type]));
  }
  const tags = ["custom", ...TYPED_TOOLS].map((tag) => `'${tag}'`).join(", ");
  throw invalid(
    `tools.${index}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: ${tags}`,
  );
}

function checkCommon(request: CountTokensRequest, model: Model): void {
  checkThinking(request, model);
  checkToolChoice(request, model);
  checkSystem(request);
  checkBreakpoints(request);
  checkConversation(request, model);
  checkImages(request);
}

function checkThinking(request: CountTokensRequest, model: Model): void {
  const type = request.thinking?.type;
  if (type === undefined || model.thinking.includes(type)) return;
  if (type === "disabled" && model.thinking.includes("between_tools")) {
    throw invalid(
      '"thinking.type.disabled" is not supported for this model. To turn thinking off on this model, send "thinking": {"type": "between_tools"}.',
    );
  }
  throw invalid(
    `"thinking.type.${type}" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.`,
  );
}

function checkToolChoice(request: CountTokensRequest, model: Model): void {
  const choice = request.tool_choice;
  if (choice === undefined) return;
  if (request.tools === undefined || request.tools.length === 0) {
    throw invalid("tool_choice: may only be given together with tools");
  }
  if (choice.type === "tool" && !request.tools.some((tool) => tool.name === choice.name)) {
    throw invalid(`tool_choice.tool.name: Tool '${choice.name}' not found in provided tools`);
  }
  if ((choice.type === "any" || choice.type === "tool") && !model.forcedToolUse) {
    throw invalid(
      `tool_choice: type '${choice.type}' is not supported for this model. Use 'auto' or 'none'.`,
    );
  }
}

function checkSystem(request: CountTokensRequest): void {
  if (typeof request.system !== "object") return;
  if (request.system.some((block) => block.text === "")) {
    throw invalid("system: text content blocks must be non-empty");
  }
}

function checkBreakpoints(request: CountTokensRequest): void {
  let found = request.cache_control ? 1 : 0;
  const count = (item: { cache_control?: unknown }) => {
    if (item.cache_control) found += 1;
  };
  for (const tool of request.tools ?? []) count(tool);
  if (typeof request.system === "object") for (const block of request.system) count(block);
  for (const message of request.messages) {
    if (typeof message.content === "string") continue;
    for (const [index, block] of message.content.entries()) {
      if ("cache_control" in block) count(block);
      if (block.type === "text" && block.text === "" && block.cache_control) {
        throw invalid(`messages: content.${index}: cache_control cannot be set for empty text blocks`);
      }
      if (block.type === "tool_result" && typeof block.content === "object")
        for (const part of block.content) count(part);
    }
  }
  if (found > CACHE_BREAKPOINTS_MAX) {
    throw invalid(
      `A maximum of ${CACHE_BREAKPOINTS_MAX} blocks with cache_control may be provided. Found ${found}.`,
    );
  }
}
