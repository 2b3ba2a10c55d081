import { describe, expect, test } from "bun:test";
import { ModelRequest, modelRefusal } from "./model-policy.ts";

const image = (type: string) => ({ type: "image", source: { type, url: "https://example.org/?secret" } });

describe("what a model request may use", () => {
  test.each([
    [{}],
    [{ system: "be kind", mcp_servers: [] }],
    [
      {
        tools: [
          { name: "bash", input_schema: {} },
          { type: "custom", name: "x" },
        ],
      },
    ],
    [{ tools: [{ type: "bash_20250124" }, { type: "text_editor_20250728" }, { type: "memory_20250818" }] }],
    [{ messages: [{ role: "user", content: "hi" }] }],
    [{ messages: [{ role: "user", content: [image("base64"), { type: "text", text: "url" }] }] }],
    [{ messages: [{ role: "user", content: [{ type: "tool_result", content: [image("base64")] }] }] }],
  ])("passes %j", (request) => {
    expect(modelRefusal(ModelRequest.parse(request))).toBeNull();
  });

  test.each([
    [{ mcp_servers: [{ type: "url", url: "https://example.org" }] }],
    [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    [{ tools: [{ name: "ok" }, { type: "web_fetch_20260318", name: "web_fetch" }] }],
    [{ tools: [{ type: "code_execution_20250825", name: "code_execution" }] }],
    [{ tools: [{ type: "mcp_toolset", mcp_server_name: "x" }] }],
    [{ tools: [{ type: "bash_20250124_web_fetch" }] }],
    [{ messages: [{ role: "user", content: [image("url")] }] }],
    [{ messages: [{ role: "user", content: [image("file")] }] }],
    [{ messages: [{ role: "user", content: [{ type: "tool_result", content: [image("url")] }] }] }],
    [
      {
        messages: [
          {
            role: "user",
            content: [{ type: "document", source: { type: "content", content: [image("url")] } }],
          },
        ],
      },
    ],
    [{ system: [image("url")] }],
  ])("refuses %j", (request) => {
    expect(modelRefusal(ModelRequest.parse(request))).toBeString();
  });
});
