import {
  type Budgets,
  type CostGrouping,
  type CostRow,
  SetBudget,
  type SpendingLimit,
  type Task,
  type TokenUsage,
} from "@farhand/protocol";
import { howToGoOn } from "../terminal/budget-text.ts";
import { exactLine } from "../terminal/exact-text.ts";
import {
  formatBudget,
  formatCap,
  formatCost,
  formatCount,
  formatLimit,
  formatSpending,
} from "../terminal/format.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { padEnd, widthOf } from "../terminal/wrap.ts";
import { checked } from "./checked.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { needRunning } from "./running-coordinator.ts";
import { findTask } from "./task/task-argument.ts";
import { taskResult } from "./task-result.ts";
import { UsageError } from "./usage-error.ts";

/** Shows what the tasks have spent. @returns the exit code */
export async function costs(
  context: CommandContext,
  terminal: Terminal,
  options: { by: CostGrouping; from?: string; to?: string },
): Promise<number> {
  const { by, from, to } = options;
  const query = { by, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const report = await (await needRunning(context)).costs(query);
  const { screen, colors, json } = terminal;
  const rows = [...report.rows.map(cells), ["in all", ...cells({ key: "", ...report.total }).slice(1)]];
  const table = [[by, "cost", "calls", "tokens in", "out"], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => widthOf(row[column] ?? "")))) ?? [];
  screen.print(
    table.map((row, index) => {
      const line = row.map((cell, column) => padEnd(cell, widths[column] ?? 0)).join("  ");
      return `${MARGIN}${index === 0 ? colors.dim(line) : line}`.trimEnd();
    }),
  );
  json?.(report);
  return ExitCode.ok;
}

function cells(row: CostRow): string[] {
  const input = row.inputTokens + row.cacheCreationInputTokens + row.cacheReadInputTokens;
  return [
    exactLine(row.key),
    formatCost({ costUsd: row.costUsd, isPartial: row.unpricedTokens > 0 }),
    String(row.modelCalls),
    formatCount(input),
    formatCount(row.outputTokens),
  ];
}

/** `none` takes a limit away. */
export type Amount = number | "none";

export interface LimitOptions {
  usd?: Amount;
  tokens?: Amount;
}

/** Sets what one task may spend, or shows it where no amount is named. @returns the exit code */
export async function setTaskBudget(
  context: CommandContext,
  terminal: Terminal,
  options: LimitOptions & { task: string },
): Promise<number> {
  const client = await needRunning(context);
  const found = await findTask(client, options.task);
  const change = changeOf(options);
  const isChange = change.maxUsd !== undefined || change.maxTokens !== undefined;
  const task = isChange ? await client.setBudget(found.id, checked(SetBudget, change, "budget")) : found;
  const { screen, colors, json } = terminal;
  const spent = { usd: task.costUsd, tokens: allTokens(task.usage) };
  screen.print([
    `${MARGIN}${isChange ? `${colors.green("✓")} ` : ""}The task may spend ${formatLimit(task.budget)} in all. ` +
      `It has spent ${formatSpending(spent)}${task.unpricedTokens > 0 ? ", a part of them of no known price" : ""}.`,
    ...whyItWaits(task, isChange).map((line) => `${MARGIN}${line}`),
  ]);
  json?.({ ...taskResult(task), budget: task.budget, spent, budgetReached: task.budgetReached });
  return ExitCode.ok;
}

/** Which limit a task waits for that is at work no more, and what can be done about it. */
function whyItWaits({ id, budgetReached: reached }: Task, isChange: boolean): string[] {
  if (reached === null) return [];
  return [
    `It ${isChange ? "still waits" : "waits"}. Used up: ${formatBudget(reached)}.`,
    howToGoOn(id, reached),
  ];
}

const allTokens = (usage: TokenUsage) =>
  usage.inputTokens + usage.outputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens;

/** Shows your own limits, or changes one of them. @returns the exit code */
export async function userBudgets(
  context: CommandContext,
  terminal: Terminal,
  options: LimitOptions & { scope: keyof Budgets | null },
): Promise<number> {
  const client = await needRunning(context);
  let { budgets, cap } = await client.settings();
  if (options.scope !== null) {
    const change = changeOf(options);
    if (change.maxUsd === undefined && change.maxTokens === undefined)
      throw new UsageError("No amount is named.", "See: farhand budget --help");
    checked(SetBudget, change, "budget");
    const limit: SpendingLimit = {
      maxUsd: change.maxUsd === undefined ? budgets[options.scope].maxUsd : change.maxUsd,
      maxTokens: change.maxTokens === undefined ? budgets[options.scope].maxTokens : change.maxTokens,
    };
    ({ budgets, cap } = await client.updateSettings({ budgets: { [options.scope]: limit } }));
  }
  const { screen, colors, json } = terminal;
  const line = (name: string, limit: SpendingLimit) =>
    `${MARGIN}${colors.dim(name.padEnd(22))}${formatLimit(limit)}`;
  screen.print([
    line("each new task", budgets.task),
    line("all tasks in a day", budgets.day),
    line("all tasks ever", budgets.user),
    ...(cap === undefined
      ? []
      : [`${MARGIN}The server's owner lets you spend ${formatCap(cap)}, and only they can raise that.`]),
  ]);
  json?.({ budgets, cap: cap ?? null });
  return ExitCode.ok;
}

function changeOf({ usd, tokens }: LimitOptions): SetBudget {
  return {
    ...(usd === undefined ? {} : { maxUsd: usd === "none" ? null : usd }),
    ...(tokens === undefined ? {} : { maxTokens: tokens === "none" ? null : tokens }),
  };
}
