import { z } from "zod";
import { ERROR_STATUS } from "./api-error.ts";

const delayMs = z.number().min(0);
const times = z.union([z.int().min(1), z.literal("always")]).default(1);
const errorType = z.enum(Object.keys(ERROR_STATUS) as [keyof typeof ERROR_STATUS]);

const ToolUse = z.union([
  z.strictObject({ name: z.string(), input: z.record(z.string(), z.unknown()) }),
  /** Streamed as it stands, for input that is not valid JSON. */
  z.strictObject({ name: z.string(), rawInput: z.string() }),
]);

const Speech = z.strictObject({
  thinking: z.string().optional(),
  text: z.string().optional(),
  toolUses: z.array(ToolUse).optional(),
  stopReason: z.enum(["end_turn", "max_tokens", "refusal", "pause_turn"]).optional(),
  /** Wait before the first byte, and between the pieces of a stream, in milliseconds. */
  firstByteDelayMs: delayMs.optional(),
  chunkDelayMs: delayMs.optional(),
});
export type Speech = z.infer<typeof Speech>;

/** What goes wrong `times` times before the turn is answered as written. */
const Fault = z.union([
  /** Refused with an HTTP status and the API's error of that type. */
  z.strictObject({
    error: errorType,
    message: z.string().optional(),
    retryAfterSeconds: z.number().optional(),
    times,
  }),
  /** The connection is closed after that many events of the stream; without a stream, before any byte. */
  z.strictObject({ cutAfterEvents: z.int().min(0), times }),
  /** The stream answers 200 and then says that it failed. */
  z.strictObject({ errorEvent: errorType, afterEvents: z.int().min(0), times }),
  /** Another answer than the turn's. */
  z.strictObject({ instead: Speech, times }),
]);
export type Fault = z.infer<typeof Fault>;

const Turn = z.strictObject({ ...Speech.shape, faults: z.array(Fault).optional() });
export type Turn = z.infer<typeof Turn>;

/**
 * What the model says, turn by turn. The turn is chosen by the number of assistant messages after the user's message that
 * names the scenario, or in the whole conversation where none does, so retries and restarts meet the same turn. After the last one the model ends its turn.
 */
export const Scenario = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  description: z.string(),
  /** Parameters that a marker may set, with their defaults. `{{name}}` in any string is replaced. */
  parameters: z.record(z.string().regex(/^[A-Za-z]\w*$/), z.string()).optional(),
  firstByteDelayMs: delayMs.default(0),
  chunkDelayMs: delayMs.default(0),
  /** The delays are the point of the scenario: no delay factor changes them. */
  fixedDelays: z.boolean().default(false),
  turns: z.array(Turn).min(1),
});
export type Scenario = z.infer<typeof Scenario>;
export type ScenarioInput = z.input<typeof Scenario>;

const AFTER_THE_LAST: Turn = { text: "There is nothing left for me to do here." };

export function turnAt(scenario: Scenario, index: number): Turn {
  return scenario.turns[index] ?? AFTER_THE_LAST;
}
