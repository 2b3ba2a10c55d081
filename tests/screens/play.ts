import type { World } from "../e2e/support/world.ts";
import type { TaskIds } from "./shots.ts";
import { type Chapter, STORY } from "./story.ts";

/** Those that stay at work come last: they keep their sandboxes. */
const ORDER = ["rounding", "failed", "approval", "budget", "question", "working", "speaking"] as const;

/** Starts every task of the story, and waits until each is as far as it gets by itself. */
export async function playStory(world: World): Promise<TaskIds> {
  const ids = {} as TaskIds;
  for (const name of ORDER) {
    const { prompt, task }: Chapter = STORY[name];
    ids[name] = (await world.create({ prompt, ...task })).id;
  }
  for (const name of ORDER)
    await world.until(ids[name], (body) => {
      switch (name) {
        case "budget":
          return body.type === "budget.reached";
        case "question":
          return body.type === "question.asked";
        case "working":
          return body.type === "tool.started";
        case "speaking":
          return body.type === "state.changed" && body.to === "running";
        default:
          return body.type === "state.changed" && (body.to === "idle" || body.to === "failed");
      }
    });
  for (const name of ORDER) {
    const { meanwhile }: Chapter = STORY[name];
    if (meanwhile) await world.client.sendMessage(ids[name], { text: meanwhile });
  }
  return ids;
}
