import { ApiError, type Client } from "@farhand/client";
import { CTRL_C, type Keyboard, readKey } from "../terminal/keys.ts";
import type { TaskView } from "../terminal/task-view.ts";
import { isAtRest } from "../terminal/transcript.ts";
import { onStopSignal } from "./interrupts.ts";

/** How watching ended: the task came to rest, or the user left while it goes on. */
export type Ending = "at-rest" | "left";

const QUESTION = "[s]top the turn and keep its work, [w]atch no more (it goes on), [c]ontinue";
const CHOICES = ["s", "w", "c"];

/**
 * Shows a task until it comes to rest. Ctrl-C asks what is meant, where somebody can be asked, and otherwise ends
 * the watching; a second one ends it always. The turn itself is only stopped when that is chosen.
 */
export async function followTask(options: {
  client: Client;
  taskId: string;
  view: TaskView;
  /** Null where nobody can be asked. */
  keyboard: Keyboard | null;
  /** Show the log after this seq. */
  after: number;
  /** From this seq on the task may be at rest; rests before it are history. */
  restFrom: number;
}): Promise<Ending> {
  const { client, taskId, view, keyboard, after, restFrom } = options;
  const watching = new AbortController();
  let isAsking = false;

  async function ask(keys: Keyboard): Promise<void> {
    isAsking = true;
    view.ask(QUESTION);
    const key = await readKey(keys, CHOICES, watching.signal);
    isAsking = false;
    view.ask(null);
    if (key === "w" || key === CTRL_C) watching.abort();
    if (key === "s") await stop();
  }

  async function stop(): Promise<void> {
    try {
      await client.stop(taskId, watching.signal);
    } catch (error) {
      if (watching.signal.aborted) return;
      // A turn that has ended meanwhile cannot be stopped: the log tells how it ended.
      if (error instanceof ApiError && error.code === "conflict") return;
      view.warn(`The turn could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  using _signals = onStopSignal((signal) => {
    if (signal !== "SIGINT" || keyboard === null || isAsking) watching.abort();
    else void ask(keyboard);
  });
  try {
    for await (const item of client.follow(taskId, { after, signal: watching.signal })) {
      view.show(item);
      if (item.type === "event" && item.event.seq >= restFrom && isAtRest(view.transcript.state))
        return "at-rest";
    }
    return "left";
  } finally {
    watching.abort();
  }
}
