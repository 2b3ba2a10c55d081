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
    // Each connection breaks after some bytes, in the middle of a frame as much as between two.
    network.cutAfter(() => 900 + ((losses * 977) % 3000));
    for await (const item of phone.follow(id, { after: 0 })) {
      if (item.type === "reset") throw new Error("the phone had to forget what it knew");
      if (item.type === "connection" && item.status === "lost" && ++losses === LOSSES) network.cutAfter(null);
      if (item.type === "connection" && item.status === "live") connections += 1;
      if (item.type !== "event") continue;
      shown.push(item.event);
      const { body } = item.event;
      if (body.type === "state.changed" && body.to === "idle") break;
    }
    expect(losses).toBeGreaterThanOrEqual(LOSSES);
    expect(connections).toBeGreaterThanOrEqual(2);
    expect(shown).toEqual(await world.events(id));
  },
);
