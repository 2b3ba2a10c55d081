import type { Colors, Formatter } from "picocolors/types";
import { emphasis } from "./emphasis.ts";
import { exactLine, exactText } from "./exact-text.ts";
import { formatCost, formatDiffStat, formatDuration, formatUsage, plural } from "./format.ts";
import { MARGIN } from "./page.ts";
import type { Transcript } from "./transcript.ts";
import { widthOf, wrapLine } from "./wrap.ts";

const MOST_COLUMNS = 100;
const MOST_SUMMARY_LINES = 16;

/** What came of the turn. The right side is open, so that an address is never cut. */
export function summaryBox(transcript: Transcript, options: { colors: Colors; width: number }): string[] {
  const { colors } = options;
  const columns = Math.max(20, Math.min(options.width, MOST_COLUMNS) - MARGIN.length);
  const { mark, color, title } = heading(transcript, colors);
  const body = [
    ...prose(transcript, columns - 2).map((line) => emphasis(line, colors)),
    ...rows(transcript, colors),
  ];
  const top = ` ${mark} ${title} `;
  const rule = "─".repeat(Math.max(2, columns - 2 - widthOf(top)));
  return [
    `${MARGIN}${color("╭─")}${color(` ${mark} `)}${colors.bold(title)} ${color(rule)}`,
    ...body.map((line) => `${MARGIN}${color("│")} ${line}`.trimEnd()),
    `${MARGIN}${color(`╰${"─".repeat(columns - 1)}`)}`,
  ];
}

function heading(transcript: Transcript, colors: Colors): { mark: string; color: Formatter; title: string } {
  const title = exactLine(transcript.title ?? "");
  switch (transcript.state) {
    case "failed":
      return { mark: "✗", color: colors.red, title: "The task failed" };
    case "cancelled":
      return { mark: "■", color: colors.yellow, title: "The task was cancelled" };
    default:
      if (transcript.wasStopped) return { mark: "■", color: colors.yellow, title: "The turn was stopped" };
      return { mark: "✓", color: colors.green, title: title || "The turn has ended" };
  }
}

function prose(transcript: Transcript, columns: number): string[] {
  const { failure } = transcript;
  const text =
    transcript.state === "failed" && failure
      ? `${failure.message}\n\n${failure.action}`
      : transcript.state === "cancelled"
        ? ""
        : (transcript.summary ?? "");
  if (text.trim() === "") return [];
  const lines = exactText(text)
    .trim()
    .split("\n")
    .flatMap((line) => wrapLine(line.trimEnd(), columns));
  const shown = lines.length > MOST_SUMMARY_LINES ? [...lines.slice(0, MOST_SUMMARY_LINES - 1), "…"] : lines;
  return [...shown, ""];
}

function rows(transcript: Transcript, colors: Colors): string[] {
  const { published, startedAtMs, lastEventAtMs } = transcript;
  const tookMs = startedAtMs === null || lastEventAtMs === null ? null : lastEventAtMs - startedAtMs;
  const facts: [string, string][] = [];
  if (transcript.branch) facts.push(["branch", colors.cyan(exactLine(transcript.branch))]);
  if (transcript.pullRequestUrl)
    facts.push(["pull request", colors.cyan(exactLine(transcript.pullRequestUrl))]);
  if (published) facts.push(["changes", formatDiffStat(published)]);
  else if (transcript.state === "idle" && !transcript.wasStopped)
    facts.push(["changes", transcript.branch ? "none in this turn" : "none, so no branch was pushed"]);
  if (tookMs !== null) {
    const calls = plural(transcript.modelCalls, "model call");
    facts.push(["took", [formatDuration(tookMs), calls, formatUsage(transcript.usage)].join(" · ")]);
    const { costUsd, isCostPartial: isPartial, modelCalls } = transcript;
    if (modelCalls > 0) facts.push(["cost", formatCost({ costUsd, isPartial })]);
  }
  return facts.map(([name, value]) => `${colors.dim(name.padEnd(13))} ${value}`);
}
