import type { ForkPoint } from "@farhand/protocol";

/** One thing to show, in the order in which it came. Texts are as they came in: not yet safe for a terminal. */
export type Passage =
  | {
      type: "header";
      taskId: string;
      repository: string;
      branch: string;
      model: string;
      prompt: string;
      forkedFrom: ForkPoint | null;
    }
  /** A piece of the model's prose; pieces of one kind belong together until `prose-end`. */
  | { type: "prose"; kind: "text" | "thinking"; text: string }
  | { type: "prose-end" }
  | { type: "user"; text: string }
  | { type: "tool-started"; toolUseId: string; name: string; label: string }
  | {
      type: "tool-finished";
      toolUseId: string;
      name: string;
      label: string;
      isError: boolean;
      output: string;
      durationMs: number;
    }
  /** What the agent asks, with the answers that it offers. */
  | { type: "question"; text: string }
  | { type: "note"; text: string }
  | { type: "notice"; level: "info" | "warning"; text: string };
