import { type FileSearch, type FoundLine, Revision, SearchText } from "@farhand/protocol";
import type { Colors } from "picocolors/types";
import { exactLine, exactText } from "../../terminal/exact-text.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { checked } from "../checked.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";
import { findTask } from "./task-argument.ts";

/** Shows where a text stands in a task's files. @returns the exit code */
export async function searchFiles(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; at?: string; grep: string },
): Promise<number> {
  const asked = {
    q: checked(SearchText, options.grep, "files"),
    ...(options.at === undefined ? {} : { at: checked(Revision, options.at, "files") }),
  };
  const client = await needRunning(context);
  const task = await findTask(client, options.task);
  const found = await client.searchFiles(task.id, asked);
  const { screen, colors, json } = terminal;
  if (json) json(found);
  else screen.print(searchLines(found, colors));
  return ExitCode.ok;
}

/** Lines as `path:line: text`, which terminals and editors make links of. */
export function searchLines(found: FileSearch, colors: Colors): string[] {
  const lines = found.files.flatMap(({ path, lines, truncated }) => [
    ...lines.map((line) => `${colors.cyan(exactLine(path))}:${line.line}: ${foundText(line, colors)}`),
    ...(truncated ? [`${colors.cyan(exactLine(path))}: ${colors.dim("… and more")}`] : []),
  ]);
  if (found.truncated) return [...lines, colors.dim("… not everything was looked through")];
  return lines.length === 0 ? ["  The text stands in no file."] : lines;
}

function foundText({ text, places, isCutBefore, isCutAfter }: FoundLine, colors: Colors): string {
  let shown = isCutBefore ? "…" : "";
  let at = 0;
  for (const { start, end } of places) {
    shown += exactText(text.slice(at, start)) + colors.bold(exactText(text.slice(start, end)));
    at = end;
  }
  return `${shown}${exactText(text.slice(at))}${isCutAfter ? "…" : ""}`;
}
