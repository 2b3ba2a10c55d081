import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DENIED, type Task } from "@farhand/protocol";
import { noDocker } from "./support/docker.ts";
import { git } from "./support/git.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const WORKFLOW = "[scenario:write-file path=.github/workflows/t.yml text=on:push]";

/** A message for the next turn, whose model runs the script; and the task as it is after that. */
async function tell(taskId: string, said: string, script: string): Promise<Task> {
  const encoded = Buffer.from(`cd /workspace/repo && ${script}`).toString("base64");
  const { lastSeq } = await world.client.getTask(taskId);
  await world.client.sendMessage(taskId, {
    text: `${said} [scenario:attack-shell seconds=20 script=${encoded}]`,
  });
  return world.ended(taskId, lastSeq);
}

describe.skipIf(noDocker)("workflow files that were denied", () => {
  test("are asked for no more once they are taken back, and no commit with them reaches the forge", async () => {
    const shop = await world.github.addRepository("octo", "taken-back", world.sample.path);
    const log = (...more: string[]) =>
      git(["-C", shop.path, "log", "--full-history", "--format=%H", ...more]);
    const { id } = await world.create({ repository: shop.cloneUrl, prompt: `Do it. ${WORKFLOW}` });
    const held = await world.ended(id);
    expect(held).toMatchObject({ state: "failed", failure: { code: "approval_needed" } });

    const back = await tell(id, DENIED.workflows, "rm -r .github && echo noted > NOTES.md");
    expect(back).toMatchObject({ state: "idle", failure: null, filesChanged: 1 });
    expect(await log(`main..${back.branch}`)).toBe(back.commit ?? "");

    // The agent goes on where it was: what it does next goes on top of what the forge has, without force.
    const more = await tell(id, "And more.", "echo more > MORE.md");
    expect(more).toMatchObject({ state: "idle", failure: null, filesChanged: 2 });
    expect(await log(`main..${more.branch}`)).toBe(`${more.commit}\n${back.commit}`);
    expect(await log(more.branch, "--", ".github")).toBe("");
    expect(shop.pulls).toHaveLength(1);

    // Another workflow is asked for again, and comes once a person has let it pass.
    const script = "mkdir -p .github/workflows && echo on:push > .github/workflows/u.yml";
    const asked = await tell(id, "And one workflow.", script);
    expect(asked).toMatchObject({ state: "failed", failure: { code: "approval_needed" } });
    await world.client.approve(id, { kind: "workflows" });
    const allowed = await world.ended(id, asked.lastSeq);
    expect(allowed.state).toBe("idle");
    expect(await log(allowed.branch, "--", ".github")).toBe(allowed.commit ?? "");
  }, 120_000);

  test("and were all there was leave nothing to publish", async () => {
    const { id } = await world.create({ prompt: `Do it. ${WORKFLOW}` });
    await world.ended(id);
    const back = await tell(id, DENIED.workflows, "rm -r .github");
    expect(back).toMatchObject({ state: "idle", failure: null, commit: null });
    expect(await git(["-C", world.sample.path, "branch", "--list", back.branch])).toBe("");
  }, 120_000);
});
