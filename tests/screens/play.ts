import type { World } from "../e2e/support/world.ts";
import type { TaskIds } from "./shots.ts";
import { STORY } from "./story.ts";

/** Those that stay at work come last: they keep their sandboxes. */
const ORDER = ["rounding", "failed", "approval", "question", "working", "speaking"] as const;

/** Starts every task of the story, and waits until each is as far as it gets by itself. */
export async function playStory(world: World): Promise<TaskIds> {
  const ids = {} as TaskIds;
  for (const name of ORDER) ids[name] = (await world.create({ prompt: STORY[name].prompt })).id;
  for (const name of ORDER)
    await world.until(ids[name], (body) => {
      switch (name) {
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
  return ids;
}
