import type { ContentBlock } from "@farhand/protocol";
import type { ToolStep } from "./rows.ts";

/** The worker's tool that ends a turn. What it says is in `turn.finished`. */
export const FINISH_TOOL = "finish";
/** The worker's tool that asks a person. The card of its question, which has the call's id, says all of it. */
export const ASK_TOOL = "ask_user";

const CHANGES_FILE = new Set(["write", "edit"]);
const MOST_CHARACTERS = 200;

/** Whether a result says that the call was cut short from outside. These words are the coordinator's. */
const INTERRUPTED = /^(interrupted|stopped): /;
/** All that the shell says of a command that printed nothing and failed. */
const EXIT = /^exit (\d+)$/;

/** A call as it stands before it has run. */
export function plannedStep(id: string, toolUseId: string, name: string, input: unknown): ToolStep {
  const fields = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const text = (field: string) => {
    const value = fields[field];
    return typeof value === "string" ? value : null;
  };
  const path = text("file_path") ?? text("path");
  return {
    kind: "tool",
    id,
    toolUseId,
    name,
    label: oneLine(text("command") ?? path ?? text("pattern") ?? text("title") ?? ""),
    input,
    command: text("command"),
    path,
    changesFile: path !== null && CHANGES_FILE.has(name),
    status: "pending",
    exitCode: null,
    startedAt: null,
    durationMs: null,
    output: "",
    imageCount: 0,
    isTruncated: false,
    kept: null,
  };
}

export function finishedStep(
  step: ToolStep,
  result: {
    isError: boolean;
    content: string | readonly ContentBlock[];
    durationMs: number;
    exitCode?: number | undefined;
    output?: { sizeBytes: number; keptBytes: number } | undefined;
  },
): ToolStep {
  const output = textOf(result.content);
  const wasInterrupted = result.isError && result.durationMs === 0 && INTERRUPTED.test(output);
  return {
    ...step,
    status: wasInterrupted ? "interrupted" : result.isError ? "failed" : "done",
    exitCode: step.name === "bash" ? (result.exitCode ?? toldExitCode(result.isError, output)) : null,
    durationMs: result.durationMs,
    output,
    imageCount: imagesIn(result.content),
    kept: result.output ?? null,
  };
}

/** Without a code of its own, as of an older worker, the log has that of a failed command only where it printed nothing. */
function toldExitCode(isError: boolean, output: string): number | null {
  if (!isError) return 0;
  const told = EXIT.exec(output)?.[1];
  return told === undefined ? null : Number(told);
}

function textOf(content: string | readonly ContentBlock[]): string {
  if (typeof content === "string") return content;
  return content.flatMap((block) => (typeof block.text === "string" ? [block.text] : [])).join("\n");
}

function imagesIn(content: string | readonly ContentBlock[]): number {
  return typeof content === "string" ? 0 : content.filter(({ type }) => type === "image").length;
}

function oneLine(text: string): string {
  const line = text
    .slice(0, 4 * MOST_CHARACTERS)
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}
