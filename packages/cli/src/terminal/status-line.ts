import type { Colors } from "picocolors/types";
import { exactLine } from "./exact-text.ts";
import { formatDuration, formatUsage, formatUsd } from "./format.ts";
import { MARGIN } from "./page.ts";
import { spinnerAt } from "./spinner.ts";
import type { Transcript } from "./transcript.ts";
import { truncate, widthOf } from "./wrap.ts";

export interface StatusContext {
  colors: Colors;
  width: number;
  /** Epoch milliseconds by this machine's clock. */
  nowMs: number;
  /** When this terminal began to watch, by the same clock. */
  startedAtMs: number;
  /** What the user can do meanwhile. */
  hint: string;
}

/** What the task does right now: the tools that run, then one line on the whole. Never wider than the terminal. */
export function statusLines(transcript: Transcript, context: StatusContext): string[] {
  const { colors, width, nowMs } = context;
  const spinner = colors.cyan(spinnerAt(nowMs));
  const tools = [...transcript.runningTools.values()].map((tool) => {
    const name = exactLine(tool.name);
    const label = truncate(exactLine(tool.label), width - widthOf(name) - MARGIN.length - 5);
    return `${MARGIN}${spinner} ${colors.bold(name)}  ${label}`;
  });
  const facts = [
    transcript.connection === "lost" ? "connecting again" : transcript.state,
    formatElapsed(nowMs - context.startedAtMs),
    ...(transcript.modelCalls > 0 ? [formatUsage(transcript.usage)] : []),
    ...(transcript.costUsd > 0 ? [formatUsd(transcript.costUsd)] : []),
    context.hint,
  ];
  const line = truncate(facts.join(" · "), width - MARGIN.length - 3);
  return ["", ...tools, `${MARGIN}${tools.length > 0 ? " " : spinner} ${colors.dim(line)}`];
}

/** Whole seconds: a figure that changes ten times a second is hard to read. */
function formatElapsed(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}
