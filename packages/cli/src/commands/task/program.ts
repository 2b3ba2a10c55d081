import { TaskState } from "@farhand/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Terminal } from "../../terminal/terminal.ts";
import { ATTACH, oneMore } from "../attach-files.ts";
import type { CommandContext } from "../context.ts";
import { UsageError } from "../usage-error.ts";
import { answer } from "./answer.ts";
import { approve, archive, cancel, change, retry, rollBack, stop } from "./change.ts";
import { diff } from "./diff.ts";
import { files } from "./files.ts";
import { fork } from "./fork.ts";
import { tasks } from "./list.ts";
import { searchFiles } from "./search-files.ts";
import { send } from "./send.ts";
import { watch } from "./watch.ts";

export type Within = (
  options: { json?: boolean },
  command: (terminal: Terminal) => Promise<number>,
) => Promise<void>;

const TASK = "a task's id, or its last 6 characters or more";
const REVISION = "base, latest, branch, turn-1 (or another turn), or a commit id in full";
const WATCH = ["--watch", "then watch the task, as `farhand watch` does"] as const;

interface Watched {
  json?: boolean;
  watch?: boolean;
}

interface Written extends Watched {
  attach: string[];
}

/** Adds the commands that work on tasks of a running coordinator. */
export function addTaskCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  program
    .command("tasks")
    .description("List the tasks, the newest first")
    .addOption(new Option("--state <state>", "only those in this state").choices(TaskState.options))
    .option("--limit <number>", "the most that are listed", wholeNumber(1, 10_000), 20)
    .option(...json)
    .action((options: { json?: boolean; state?: TaskState; limit: number }) =>
      within(options, (terminal) => tasks(context, terminal, options)),
    );

  program
    .command("watch")
    .description("Show a task from its last turn on, until the turn has ended")
    .argument("<task>", TASK)
    .option("--from-start", "show the task from its start")
    .option(...json)
    .action((task: string, options: { json?: boolean; fromStart?: boolean }) =>
      within(options, (terminal) =>
        watch(context, terminal, { task, fromStart: options.fromStart === true }),
      ),
    );

  program
    .command("send")
    .description("Send a message: it steers the turn that is under way, or starts the next one")
    .argument("<task>", TASK)
    .argument("<text>", "what the agent should know or do; - reads it from standard input")
    .option(...ATTACH, oneMore, [])
    .option(...WATCH)
    .option(...json)
    .action((task: string, text: string, options: Written) =>
      within(options, (terminal) =>
        send(context, terminal, { task, text, attach: options.attach, watch: options.watch === true }),
      ),
    );

  program
    .command("answer")
    .description("Answer what the agent has asked")
    .argument("<task>", TASK)
    .argument(
      "[text]",
      "the answer, or the number of an answer that was offered; - reads it from standard input",
    )
    .option(...WATCH)
    .option(...json)
    .action((task: string, text: string | undefined, options: Watched) =>
      within(options, (terminal) =>
        answer(context, terminal, { task, text: text ?? null, watch: options.watch === true }),
      ),
    );

  const plainChange = (name: string, description: string, it: Parameters<typeof change>[2]) =>
    program
      .command(name)
      .description(description)
      .argument("<task>", TASK)
      .option(...json)
      .action((task: string, options: { json?: boolean }) =>
        within(options, (terminal) => change(context, terminal, it, { task })),
      );
  plainChange("stop", "End the turn that is under way and keep its work; the task can go on", stop);
  plainChange("cancel", "End the task and keep its work; a message takes it up again", cancel);

  program
    .command("retry")
    .description("Run a failed turn again from its start")
    .argument("<task>", TASK)
    .option(...WATCH)
    .option(...json)
    .action((task: string, options: Watched) =>
      within(options, (terminal) =>
        change(context, terminal, retry, { task, watch: options.watch === true }),
      ),
    );

  program
    .command("approve")
    .description("Publish work that was held back, because it changes what the forge's CI runs")
    .argument("<task>", TASK)
    .option(...WATCH)
    .option(...json)
    .action((task: string, options: Watched) =>
      within(options, (terminal) =>
        change(context, terminal, approve, { task, watch: options.watch === true }),
      ),
    );

  plainChange("archive", "Put a task away; its files are removed after some time, its log stays", archive);

  program
    .command("rollback")
    .description("Take code and conversation back to the end of a turn")
    .argument("<task>", TASK)
    .argument("<turn>", "number of the turn; 0 is the start of the task", wholeNumber(0, 1_000_000))
    .option(...json)
    .action((task: string, turn: number, options: { json?: boolean }) =>
      within(options, (terminal) => change(context, terminal, rollBack(turn), { task })),
    );

  program
    .command("fork")
    .description("Make a new task that starts from the end of a turn of another")
    .argument("<task>", TASK)
    .argument("<prompt>", "what the agent should do there; - reads it from standard input")
    .option(
      "--turn <turn>",
      "the turn, if not the last one; 0 is the start of the task",
      wholeNumber(0, 1_000_000),
    )
    .option("--model <model>", "the Claude model, if not the other task's")
    .option(...ATTACH, oneMore, [])
    .option(...WATCH)
    .option(...json)
    .action((task: string, prompt: string, options: Written & { turn?: number; model?: string }) =>
      within(options, (terminal) =>
        fork(context, terminal, { ...options, task, prompt, watch: options.watch === true }),
      ),
    );

  program
    .command("diff")
    .description("Show what a task has changed")
    .argument("<task>", TASK)
    .option("--from <revision>", `from where: ${REVISION}`)
    .option("--to <revision>", "to where, likewise; the latest state if not named")
    .option(...json)
    .action((task: string, options: { json?: boolean; from?: string; to?: string }) =>
      within(options, (terminal) => diff(context, terminal, { ...options, task })),
    );

  program
    .command("files")
    .description("Show a folder or a file of a task")
    .argument("<task>", TASK)
    .argument("[path]", "the folder or file; the root if not named")
    .option("--at <revision>", `which state: ${REVISION}`)
    .option("--grep <text>", "show the lines of all files that have the text in them, as it stands")
    .option(...json)
    .action(
      (task: string, path: string | undefined, options: { json?: boolean; at?: string; grep?: string }) =>
        within(options, (terminal) => {
          const { grep, ...others } = options;
          if (grep === undefined)
            return files(context, terminal, { ...others, task, ...(path === undefined ? {} : { path }) });
          if (path === undefined) return searchFiles(context, terminal, { ...others, task, grep });
          throw new UsageError("--grep looks through all files.", "Leave the path out.");
        }),
    );
}

/** Reads a number from the command line. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}
