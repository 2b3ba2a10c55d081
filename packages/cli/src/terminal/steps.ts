import { formatDuration } from "./format.ts";
import { MARGIN } from "./page.ts";
import { safeLine } from "./safe-text.ts";
import { spinnerAt } from "./spinner.ts";
import type { Terminal } from "./terminal.ts";
import { truncate } from "./wrap.ts";

export interface StepResult<T> {
  value: T;
  /** What the step came to, in a few words. */
  detail: string;
  /** `warning` for what went on, but not as it should have; `failed` for a check that did not hold. */
  mark?: "ok" | "warning" | "failed";
}

/**
 * Does one thing that takes a while, and shows its name, what it says meanwhile, and what it came to. With `--json`
 * each end is a line `{"type":"step",…}`.
 */
export async function runStep<T>(
  terminal: Terminal,
  name: string,
  work: (log: (line: string) => void) => Promise<StepResult<T>>,
): Promise<T> {
  const { screen, colors, isLive } = terminal;
  const startedAtMs = Date.now();
  let said = "";
  const log = (line: string) => {
    said = safeLine(line);
    if (!isLive) screen.print([`${MARGIN}${colors.dim(`· ${name}: ${said}`)}`]);
  };
  screen.setLive(() => {
    const seconds = Math.floor((Date.now() - startedAtMs) / 1000);
    const facts = [...(said === "" ? [] : [said]), ...(seconds < 2 ? [] : [formatDuration(seconds * 1000)])];
    const rest = truncate(facts.join(" · "), screen.width - name.length - 8);
    return [`${MARGIN}${colors.cyan(spinnerAt(Date.now()))} ${name}  ${colors.dim(rest)}`];
  });
  const end = (mark: "ok" | "warning" | "failed", detail: string) => {
    const durationMs = Date.now() - startedAtMs;
    screen.setLive(null);
    const took = durationMs < 1000 ? "" : formatDuration(durationMs);
    const rest = [safeLine(detail), took].filter(Boolean).join(" · ");
    screen.print([`${MARGIN}${markOf(mark, terminal)} ${name}  ${colors.dim(rest)}`.trimEnd()]);
    terminal.json?.({ type: "step", name, status: mark, detail, durationMs });
  };
  try {
    const { value, detail, mark = "ok" } = await work(log);
    end(mark, detail);
    return value;
  } catch (error) {
    end("failed", "");
    throw error;
  }
}

export function markOf(status: "ok" | "warning" | "failed", { colors }: Pick<Terminal, "colors">): string {
  if (status === "ok") return colors.green("✓");
  return status === "warning" ? colors.yellow("!") : colors.red("✗");
}
