import { ApiError, UnreachableError } from "@farhand/client";
import { CoordinatorStartError } from "../server/coordinator-process.ts";
import { safeText } from "../terminal/safe-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ExitCode } from "./exit-code.ts";
import { InterruptedError } from "./interrupts.ts";
import { UsageError } from "./usage-error.ts";

/** Tells what went wrong and what to do, to people and, with `--json`, to programs. @returns the exit code */
export function reportError(error: unknown, { screen, colors, json }: Terminal): number {
  if (error instanceof InterruptedError) {
    screen.print(["", `  ${colors.yellow("■")} Stopped.`, ""]);
    json?.({ result: "interrupted" });
    return ExitCode.interrupted;
  }
  const { code, message, action } = describe(error);
  const lines = safeText(message).trimEnd().split("\n");
  screen.print(["", ...lines.map((line, index) => `  ${index === 0 ? colors.red("✗") : " "} ${line}`)]);
  if (action) screen.print([`    ${colors.dim(safeText(action))}`]);
  screen.print([""]);
  json?.({ result: "error", code, message, action });
  return exitCodeOf(error);
}

function describe(error: unknown): { code: string; message: string; action: string } {
  if (!(error instanceof Error)) return { code: "internal", message: String(error), action: "" };
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  if ("action" in error && typeof error.action === "string") {
    return { code, message: error.message, action: error.action };
  }
  // No sentence was written for it, so it is a bug: the stack says where.
  return {
    code,
    message: error.stack ?? error.message,
    action: "This is a bug in Farhand. Please report it.",
  };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UnreachableError || error instanceof CoordinatorStartError)
    return ExitCode.unreachable;
  if (error instanceof ApiError && error.code === "unauthorized") return ExitCode.unreachable;
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof ApiError && error.code === "invalid_request") return ExitCode.usage;
  return ExitCode.failed;
}
