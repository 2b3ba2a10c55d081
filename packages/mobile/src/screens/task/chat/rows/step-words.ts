import type { StepsRow, ToolStep } from "@farhand/client/app";
import type { IconName } from "../../../../icons/paths.ts";
import { strings } from "../../../../strings/strings.ts";

const { chat: words } = strings;

const ICONS: Record<string, IconName> = {
  bash: "terminal",
  read: "file",
  write: "edit",
  edit: "edit",
  glob: "folder",
  grep: "search",
  ask_user: "question",
};

export const stepIcon = ({ name }: Pick<ToolStep, "name">): IconName => ICONS[name] ?? "gear";

export const stepVerb = ({ name }: Pick<ToolStep, "name">): string => words.step[name] ?? name;

/** "12 steps, 3 files, 1 failed" */
export function stepsTitle(row: Pick<StepsRow, "toolCount" | "changedFiles" | "failedCount">): string {
  return [
    words.steps(row.toolCount),
    row.changedFiles.length > 0 ? words.files(row.changedFiles.length) : "",
    row.failedCount > 0 ? words.failedSteps(row.failedCount) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** "240 ms", "3.4 s", "2 min 5 s" */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
