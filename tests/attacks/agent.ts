import type { CreateTask } from "@farhand/protocol";
import type { World } from "../e2e/support/world.ts";
import { containersOf } from "./containers.ts";
import type { Engine, Ran } from "./engine.ts";

/** A task with a hostile model: it runs whatever script it is given, with the real worker's own shell tool. */
export interface Agent {
  taskId: string;
  /** Plays one turn and gives what the tool printed. Each turn goes on in the sandbox of the last one. */
  run(script: string, options?: { seconds?: number }): Promise<Ran>;
  /** The container of its sandbox. */
  container(): Promise<string>;
}

export async function openAgent(
  world: World,
  engine: Engine,
  task: Partial<CreateTask> = {},
): Promise<Agent> {
  const { id: taskId } = await world.create({ ...task, prompt: promptOf("true", 10) });
  await world.ended(taskId);
  let turn = Promise.resolve<unknown>(undefined);
  return {
    taskId,
    run(script, { seconds = 60 } = {}) {
      // One turn at a time: a message to a turn that goes on would steer it.
      const mine = turn.then(() => playTurn(world, taskId, promptOf(script, seconds)));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async container() {
      const [id] = await containersOf(engine, taskId);
      if (id === undefined) throw new Error(`${taskId} has no sandbox`);
      return id;
    },
  };
}

export function promptOf(script: string, seconds: number): string {
  const encoded = Buffer.from(script).toString("base64");
  return `Do it. [scenario:attack-shell seconds=${seconds} script=${encoded}]`;
}

/** Sends a message, waits for the end of its turn, and gives the result of its one tool call. */
async function playTurn(world: World, taskId: string, text: string): Promise<Ran> {
  const before = (await world.client.getTask(taskId)).lastSeq;
  await world.client.sendMessage(taskId, { text });
  const task = await world.ended(taskId, before);
  const { events } = await world.client.events(taskId, { after: before, limit: 1000 });
  const result = events.map(({ body }) => body).findLast((body) => body.type === "tool.finished");
  if (result === undefined)
    throw new Error(`the hostile turn ended without a result: ${task.state} ${task.failure?.message ?? ""}`);
  return ranOf(result.content);
}

/** What the scenario's tool call printed. Without its last line it was stopped from outside. */
export function ranOf(content: unknown): Ran {
  const text =
    typeof content === "string"
      ? content
      : (content as { text?: string }[]).map((block) => block.text ?? "").join("\n");
  const exit = /\[exit (\d+)\]\s*$/.exec(text)?.[1];
  return { exitCode: exit === undefined ? -1 : Number(exit), output: text };
}
