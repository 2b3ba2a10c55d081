import { CreateTask } from "@farhand/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import { attachFiles, named } from "./attach-files.ts";
import { checked } from "./checked.ts";
import type { CommandContext } from "./context.ts";
import { repositoryArgument } from "./repository-argument.ts";
import { openTaskServer } from "./task-server.ts";
import { textArgument } from "./text-argument.ts";
import { watchTask } from "./watch-task.ts";

export interface RunOptions {
  repository: string;
  /** `-` for standard input. */
  prompt: string;
  model?: string;
  base?: string;
  /** Paths of files that belong to the prompt. */
  attach?: readonly string[];
}

/** Creates a task on the running coordinator, or on one that it starts, and shows it. @returns the exit code */
export async function run(context: CommandContext, terminal: Terminal, options: RunOptions): Promise<number> {
  const create = checked(
    CreateTask,
    {
      repository: repositoryArgument(options.repository, context.cwd),
      prompt: await textArgument(options.prompt, context),
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.base === undefined ? {} : { baseBranch: options.base }),
    },
    "run",
  );
  const client = await openTaskServer(context, terminal);
  const attachments = await attachFiles(client, options.attach ?? [], context.cwd);
  const task = await client.createTask({ ...create, ...named(attachments) });
  return watchTask(context, terminal, { client, taskId: task.id, after: 0, restFrom: task.lastSeq });
}
