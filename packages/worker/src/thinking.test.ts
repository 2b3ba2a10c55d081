import { expect, test } from "bun:test";
import { thinkingFor } from "./thinking.ts";

test("models that think adaptively are asked for a summary that people can follow", () => {
  for (const model of [
    "claude-sonnet-5-5",
    "claude-opus-5",
    "claude-sonnet-4-6",
    "claude-opus-4-8",
    "claude-fable-5-20260901",
  ])
    expect([model, thinkingFor(model)]).toEqual([model, { type: "adaptive", display: "summarized" }]);
});

test("earlier models and other people's models are not asked, as they would refuse", () => {
  for (const model of [
    "claude-haiku-4-5",
    "claude-sonnet-4-5-20250929",
    "claude-opus-4-20250514",
    "claude-3-5-sonnet-20241022",
    "qwen3-coder",
    "llama-4-7",
  ])
    expect([model, thinkingFor(model)]).toEqual([model, null]);
});
