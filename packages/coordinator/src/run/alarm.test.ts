import { expect, test } from "bun:test";
import { Alarm } from "./alarm.ts";

test("an alarm rings after it has run for its time, and no time passes while it is paused", async () => {
  let rung = 0;
  using alarm = new Alarm(60, () => rung++);
  await Bun.sleep(90);
  alarm.run();
  await Bun.sleep(20);
  alarm.pause();
  await Bun.sleep(90);
  expect(rung).toBe(0);
  const resumedMs = performance.now();
  alarm.run();
  alarm.run();
  while (rung === 0) await Bun.sleep(1);
  expect(performance.now() - resumedMs).toBeLessThan(1000);
  await Bun.sleep(20);
  expect(rung).toBe(1);
});

test("an alarm that is set anew runs on if it ran, and stays paused if it was", async () => {
  let rung = 0;
  using alarm = new Alarm(100_000, () => rung++);
  alarm.set(1);
  await Bun.sleep(20);
  expect(rung).toBe(0);
  alarm.run();
  while (rung === 0) await Bun.sleep(1);
  alarm.set(1);
  await Bun.sleep(20);
  expect(rung).toBe(1);
});
