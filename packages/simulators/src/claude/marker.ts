import { invalid } from "./api-error.ts";
import { blocksOf } from "./conversation.ts";
import type { Message, MessagesRequest } from "./request-shape.ts";
import type { Scenario } from "./scenario.ts";

const MARKER = /\[scenario:([a-z0-9-]+)((?:\s+[A-Za-z]\w*=[^\s\]]*)*)\s*\]/g;

/** A scenario as a person's message names it: `[scenario:three-edits]` or `[scenario:name key=value …]`. */
export interface Marker {
  name: string;
  values: Record<string, string>;
}

/** What the conversation asks for, and where its model stands in that. */
export interface Instruction {
  /** The newest marker that a user has written; null for none. */
  marker: Marker | null;
  /** The text of the message that holds it, or of the first one. */
  text: string;
  /** How many answers were given since. */
  answers: number;
}

/** Reads the conversation backwards to its newest marker. What tools have printed does not count. */
export function instructionOf(request: MessagesRequest): Instruction {
  const { messages } = request;
  let answers = 0;
  for (const message of messages.toReversed()) {
    if (message.role === "assistant") {
      answers += 1;
      continue;
    }
    const text = textOf(message);
    const marker = newestMarker(text);
    if (marker !== null) return { marker, text, answers };
  }
  return { marker: null, text: messages[0] === undefined ? "" : textOf(messages[0]), answers };
}

function textOf(message: Message): string {
  return blocksOf(message)
    .map((block) => (block.type === "text" ? block.text : ""))
    .join("\n");
}

function newestMarker(text: string): Marker | null {
  const found = [...text.matchAll(MARKER)].at(-1);
  if (found === undefined) return null;
  const pairs = (found[2] ?? "").split(/\s+/).filter((pair) => pair !== "");
  return {
    name: found[1] ?? "",
    values: Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    ),
  };
}

/** Puts the values of a marker, or the defaults, and what the request holds into every string of a scenario. */
export function withParameters(
  scenario: Scenario,
  values: Record<string, string>,
  seen: Record<string, string> = {},
): Scenario {
  const defaults = scenario.parameters ?? {};
  const unknown = Object.keys(values).find((key) => !(key in defaults));
  if (unknown !== undefined)
    throw invalid(`simulator: the scenario ${scenario.name} has no parameter ${unknown}`);
  const all = { ...defaults, ...values, ...seen };
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
