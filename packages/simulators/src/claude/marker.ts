import { invalid } from "./api-error.ts";
import { blocksOf } from "./conversation.ts";
import type { MessagesRequest } from "./request-shape.ts";
import type { Scenario } from "./scenario.ts";

const MARKER = /\[scenario:([a-z0-9-]+)((?:\s+[A-Za-z]\w*=[^\s\]]*)*)\s*\]/;

/** The text of the conversation's first user message. */
export function firstPrompt(request: MessagesRequest): string {
  const first = request.messages[0];
  if (first === undefined) return "";
  return blocksOf(first)
    .map((block) => (block.type === "text" ? block.text : ""))
    .join("\n");
}

/** The scenario that a prompt names: `[scenario:three-edits]` or `[scenario:name key=value …]`. */
export function markedScenario(prompt: string): { name: string; values: Record<string, string> } | null {
  const found = MARKER.exec(prompt);
  if (found === null) return null;
  const pairs = (found[2] ?? "").split(/\s+/).filter((pair) => pair !== "");
  return {
    name: found[1] ?? "",
    values: Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    ),
  };
}

/** Puts the values of a marker, or the defaults, into every string of a scenario. */
export function withParameters(scenario: Scenario, values: Record<string, string>): Scenario {
  const defaults = scenario.parameters ?? {};
  const unknown = Object.keys(values).find((key) => !(key in defaults));
  if (unknown !== undefined)
    throw invalid(`simulator: the scenario ${scenario.name} has no parameter ${unknown}`);
  const all = { ...defaults, ...values };
  return { ...scenario, turns: filled(scenario.turns, all) };
}

function filled<T>(value: T, values: Record<string, string>): T;
function filled(value: unknown, values: Record<string, string>): unknown {
  if (typeof value === "string")
    return value.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole);
  if (Array.isArray(value)) return value.map((inner) => filled(inner, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, values)]));
}
