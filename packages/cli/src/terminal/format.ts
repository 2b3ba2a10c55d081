import type { BudgetUse, MemberCap, Spending, SpendingLimit, TokenUsage } from "@farhand/protocol";

/** `18 ms`, `1.2 s`, `42 s`, `3 min 05 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 9950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** `812`, `4.1k`, `1.2M`. */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 999_500) return `${short(count / 1000)}k`;
  return `${short(count / 1_000_000)}M`;
}

const short = (value: number) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)));

/** `812 B`, `4.1 KiB`, `1.2 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : short(value)} ${units[unit]}`;
}

/** How long ago, in one unit: `now`, `5 min`, `3 h`, `12 d`. */
export function formatAge(ageMs: number): string {
  const minutes = Math.floor(ageMs / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}

/** All that went in, cached or not, and all that came out. */
export function formatUsage(usage: TokenUsage): string {
  const input = usage.inputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens;
  return `${formatCount(input)} tokens in, ${formatCount(usage.outputTokens)} out`;
}

/** `$1.20`, `$0.0042`, `$0.00001`: small sums need more places to say anything. */
export function formatUsd(usd: number): string {
  if (usd <= 0 || usd >= 0.1) return `$${usd.toFixed(2)}`;
  if (usd >= 0.001) return `$${usd.toFixed(4)}`;
  // Two digits that say something, where there are two. A billionth is finer than any price.
  const places = Math.min(9, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(places).replace(/(\.\d{4,}?)0+$/, "$1")}`;
}

/** `$0.50, 12k tokens`: also calls whose price is not known have tokens. */
export function formatSpending({ usd, tokens }: Spending): string {
  return `${formatUsd(usd)}, ${formatCount(tokens)} tokens`;
}

/** What calls have cost, and whether there were some of which nobody knows it. */
export function formatCost({ costUsd, isPartial }: { costUsd: number; isPartial: boolean }): string {
  if (!isPartial) return formatUsd(costUsd);
  return costUsd === 0 ? "price not known" : `${formatUsd(costUsd)} and calls of no known price`;
}

/** `$5.00 and 2.0M tokens`, `as much as it takes`. */
export function formatLimit({ maxUsd, maxTokens }: SpendingLimit): string {
  const parts = [
    ...(maxUsd === null ? [] : [formatUsd(maxUsd)]),
    ...(maxTokens === null ? [] : [`${formatCount(maxTokens)} tokens`]),
  ];
  return parts.length === 0 ? "as much as it takes" : parts.join(" and ");
}

/** `$5.00 a day, $100.00 in all`. */
export function formatCap({ day, user }: MemberCap): string {
  const parts = [
    ...(isNone(day) ? [] : [`${formatLimit(day)} a day`]),
    ...(isNone(user) ? [] : [`${formatLimit(user)} in all`]),
  ];
  return parts.length === 0 ? formatLimit(day) : parts.join(", ");
}

const isNone = ({ maxUsd, maxTokens }: SpendingLimit) => maxUsd === null && maxTokens === null;

const OF_WHAT = { task: "this task", day: "today (UTC)", user: "all your tasks together" };

/** `$4.02 of $5.00 for this task`. */
export function formatBudget({ scope, limit, spent, isCap }: BudgetUse): string {
  const parts = [
    ...(limit.maxUsd === null ? [] : [`${formatUsd(spent.usd)} of ${formatUsd(limit.maxUsd)}`]),
    ...(limit.maxTokens === null
      ? []
      : [`${formatCount(spent.tokens)} of ${formatCount(limit.maxTokens)} tokens`]),
  ];
  return `${parts.join(", ")} for ${OF_WHAT[scope]}${isCap ? ", capped by the owner" : ""}`;
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function formatDiffStat(stat: {
  filesChanged: number;
  insertions: number;
  deletions: number;
}): string {
  return `${plural(stat.filesChanged, "file")}, +${stat.insertions} −${stat.deletions}`;
}

/** The start of a commit id, as git shows it. */
export const shortCommit = (commit: string): string => commit.slice(0, 8);
