import { CreateTask, type Task } from "@farhand/protocol";
import { TaskView } from "../terminal/task-view.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { followTask } from "./follow-task.ts";
import { repositoryArgument } from "./repository-argument.ts";
import { taskResult } from "./task-result.ts";
import { openTaskServer } from "./task-server.ts";
import { UsageError } from "./usage-error.ts";

export interface RunOptions {
  repository: string;
  /** `-` for standard input. */
  prompt: string;
  model?: string;
  base?: string;
}

/** Creates a task on the running coordinator, or on one that it starts, and shows it. @returns the exit code */
export async function run(context: CommandContext, terminal: Terminal, options: RunOptions): Promise<number> {
  const prompt = options.prompt === "-" ? await readAll(context.stdin) : options.prompt;
  const create = checked({
    repository: repositoryArgument(options.repository, context.cwd),
    prompt,
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.base === undefined ? {} : { baseBranch: options.base }),
  });
  const { client, authorization } = await openTaskServer(context, terminal);
  const task = await client.createTask(create);

  if (!terminal.json) terminal.screen.print([""]);
  using view = new TaskView(terminal, "Ctrl-C for choices");
  const keyboard = terminal.isLive && context.stdin.isTTY ? context.stdin : null;
  const ending = await followTask({ client, taskId: task.id, view, keyboard });
  if (ending === "left") {
    view[Symbol.dispose]();
    sayHowToReturn(terminal, task, client.baseUrl, authorization);
    terminal.json?.({ result: "watching-stopped", taskId: task.id });
    return ExitCode.interrupted;
  }
  const ended = await client.getTask(task.id);
  const diff = view.transcript.published ? await client.diff(task.id) : null;
  view.conclude(diff);
  terminal.json?.(taskResult(ended));
  if (ended.state === "failed") return ExitCode.failed;
  return ended.state === "cancelled" ? ExitCode.interrupted : ExitCode.ok;
}

/** Refuses here what the server would refuse, before one is started for it. @throws UsageError */
function checked(create: CreateTask): CreateTask {
  const parsed = CreateTask.safeParse(create);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new UsageError(wrong.join("; "), "See: farhand run --help");
}

function sayHowToReturn({ screen, colors }: Terminal, task: Task, url: string, authorization: string): void {
  const call = `curl -H "authorization: Bearer ${authorization}"`;
  screen.print([
    "",
    "  You no longer watch; the task goes on.",
    `  ${colors.dim("see it  ")} ${call} ${url}/api/tasks/${task.id}`,
    `  ${colors.dim("stop it ")} ${call} -X POST ${url}/api/tasks/${task.id}/cancel`,
    "",
  ]);
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
