import { afterAll, beforeAll, expect, test } from "bun:test";
import { createClient } from "@farhand/client";
import type { TaskEvent } from "@farhand/protocol";
import { startCutter } from "../faults/cutter.ts";
import { noDocker } from "./support/docker.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const LOSSES = 10;

test.skipIf(noDocker)(
  "a phone that loses the network ten times during a task shows exactly the log",
  async () => {
    await using network = await startCutter();
    network.lead(world.client.baseUrl);
    const token = (await Bun.file(`${world.settings.FARHAND_DATA}/owner.token`).text()).trim();
    const phone = createClient({
      baseUrl: network.url,
      token,
      backoff: { firstDelayMs: 20, maxDelayMs: 100 },
    });
    const { id } = await world.create({ prompt: "Do it. [scenario:many-steps file=STEPS.md]" });
    const shown: TaskEvent[] = [];
    let losses = 0;
    let connections = 0;
    for await (const item of phone.follow(id, { after: 0 })) {
      if (item.type === "reset") throw new Error("the phone had to forget what it knew");
      if (item.type === "connection" && item.status === "lost") losses += 1;
      if (item.type === "connection" && item.status === "live") connections += 1;
      if (item.type !== "event") continue;
      shown.push(item.event);
      const { body } = item.event;
      if (body.type === "state.changed" && body.to === "idle") break;
      // Somewhere within the next frames, in the middle of one as much as between two.
      if (losses < LOSSES) network.cutAfter(() => 200 + ((losses * 977) % 1500));
      else network.cutAfter(null);
    }
    expect(losses).toBeGreaterThanOrEqual(LOSSES);
    expect(connections).toBeGreaterThanOrEqual(2);
    expect(shown).toEqual(await world.events(id));
  },
);
