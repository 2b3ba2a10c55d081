import { CostGrouping } from "@farhand/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { type Amount, costs, type LimitOptions, setTaskBudget, userBudgets } from "./cost.ts";
import type { Within } from "./task/program.ts";
import { UsageError } from "./usage-error.ts";

interface BudgetOptions extends LimitOptions {
  json?: boolean;
  day?: boolean;
  user?: boolean;
  eachTask?: boolean;
}

/** Adds the commands about money. */
export function addCostCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  program
    .command("costs")
    .description("Show what your tasks have spent")
    .addOption(
      new Option("--by <what>", "one line for each; by member is for the owner alone")
        .choices(CostGrouping.options)
        .default("day"),
    )
    .option("--from <date>", "from this day on, such as 2026-03-01, in UTC")
    .option("--to <date>", "up to this day")
    .option(...json)
    .action((options: { json?: boolean; by: CostGrouping; from?: string; to?: string }) =>
      within(options, (terminal) => costs(context, terminal, options)),
    );

  program
    .command("budget")
    .description("Show or set what a task may spend in all, or your own limits")
    .argument("[task]", "a task's id, or its last 6 characters or more; a task that waits for more goes on")
    .option("--usd <amount>", "in US dollars; none takes the limit away", limit(false))
    .option("--tokens <number>", "in tokens; none takes the limit away", limit(true))
    .option("--day", "instead of a task's: the limit of all your tasks in one day (UTC)")
    .option("--user", "the limit of all that your tasks ever spend")
    .option("--each-task", "the limit that each new task begins with")
    .option(...json)
    .action((task: string | undefined, options: BudgetOptions) =>
      within(options, (terminal) => {
        const scopes = [options.day && "day", options.user && "user", options.eachTask && "task"] as const;
        const [scope = null, ...more] = scopes.filter((it) => it === "day" || it === "user" || it === "task");
        if (more.length > 0 || (task !== undefined && scope !== null))
          throw new UsageError("That names more than one limit.", "See: farhand budget --help");
        if (task !== undefined) return setTaskBudget(context, terminal, { ...options, task });
        return userBudgets(context, terminal, { ...options, scope });
      }),
    );
}

/** An amount, or `none`. */
export function limit(isWhole: boolean): (text: string) => Amount {
  return (text) => {
    if (text === "none") return text;
    const isAmount = isWhole ? /^\d{1,15}$/.test(text) : /^\d{1,6}(\.\d{1,6})?$/.test(text);
    if (isAmount) return Number(text);
    throw new InvalidArgumentError(
      isWhole ? "It is a whole number, or none." : "It is an amount such as 2.50, or none.",
    );
  };
}
