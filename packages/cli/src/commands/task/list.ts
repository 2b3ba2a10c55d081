import type { Client } from "@farhand/client";
import type { Task, TaskState } from "@farhand/protocol";
import type { Colors } from "picocolors/types";
import { exactLine } from "../../terminal/exact-text.ts";
import { formatAge } from "../../terminal/format.ts";
import { MARGIN } from "../../terminal/page.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { padEnd, truncate, widthOf } from "../../terminal/wrap.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";

/** The most that the API gives at once. */
const PAGE = 100;
/** Enough of an id to name a task with. */
const SHORT_ID = 8;
const MOST_TITLE = 60;

/** Lists the tasks, the newest first. @returns the exit code */
export async function tasks(
  context: CommandContext,
  terminal: Terminal,
  options: { state?: TaskState; limit: number },
): Promise<number> {
  const { screen, colors, json, isLive } = terminal;
  const found = await list(await needRunning(context), options);
  if (json) {
    json({ tasks: found });
    return ExitCode.ok;
  }
  if (found.length === 0) {
    const sentence = options.state
      ? `No task is ${options.state}.`
      : "There are no tasks yet. Give one with: farhand run <repository> <prompt>";
    screen.print([`${MARGIN}${sentence}`]);
    return ExitCode.ok;
  }
  // A pipe or a file has no width, and whoever reads it wants whole ids.
  screen.print(taskTable(found, { colors, width: isLive ? screen.width : null, nowMs: Date.now() }));
  return ExitCode.ok;
}

async function list(client: Client, { state, limit }: { state?: TaskState; limit: number }): Promise<Task[]> {
  const found: Task[] = [];
  let cursor: string | null = null;
  do {
    const page = await client.listTasks({
      limit: Math.min(PAGE, limit - found.length),
      ...(state === undefined ? {} : { state }),
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(...page.tasks);
    cursor = page.nextCursor;
  } while (cursor !== null && found.length < limit);
  return found;
}

/** @param options.width columns of the terminal; null where lines may be as long as they like */
export function taskTable(
  tasks: readonly Task[],
  { colors, width, nowMs }: { colors: Colors; width: number | null; nowMs: number },
): string[] {
  const rows = tasks.map((task) => ({
    state: task.state,
    cells: [
      width === null ? task.id : task.id.slice(-SHORT_ID),
      stateWord(task),
      String(task.turn),
      formatAge(nowMs - Date.parse(task.createdAt)),
      truncate(exactLine(task.title ?? task.prompt), MOST_TITLE),
      exactLine(width === null ? task.repository : shortRepository(task.repository)),
    ],
  }));
  const head = ["task", "state", "turn", "age", "title", "repository"];
  const widths = head.map((name, index) =>
    Math.max(widthOf(name), ...rows.map(({ cells }) => widthOf(cells[index] ?? ""))),
  );
  const lay = (cells: string[]) => cells.map((cell, index) => padEnd(cell, widths[index] ?? 0));
  const join = (cells: string[]) => {
    const line = cells.join("  ").trimEnd();
    return `${MARGIN}${width === null ? line : truncate(line, width - MARGIN.length - 1)}`;
  };
  return [
    colors.dim(join(lay(head))),
    ...rows.map(({ state, cells }) => {
      const [id = "", word = ""] = lay(cells);
      const line = join(lay(cells));
      const start = MARGIN.length + id.length + 2;
      const end = start + word.length;
      return `${line.slice(0, start)}${colorOf(state, colors)(line.slice(start, end))}${line.slice(end)}`;
    }),
  ];
}

/** The state, and what it waits for. */
function stateWord({ state, question, budgetReached, delayedBy }: Task): string {
  if (question !== null) return `${state}, question`;
  if (budgetReached !== null) return `${state}, budget`;
  return delayedBy === null ? state : `${state}, delayed`;
}

/** `https://github.com/octo/shop.git` → `octo/shop`. */
function shortRepository(repository: string): string {
  const parts = repository.replace(/\.git$/, "").split(/[/:]/);
  return parts.slice(-2).join("/");
}

function colorOf(state: TaskState, colors: Colors): (text: string) => string {
  switch (state) {
    case "idle":
      return colors.green;
    case "failed":
      return colors.red;
    case "cancelled":
      return colors.yellow;
    case "archived":
      return colors.dim;
    default:
      return colors.cyan;
  }
}
