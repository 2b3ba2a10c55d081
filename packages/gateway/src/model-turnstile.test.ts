import { expect, test } from "bun:test";
import { ModelTurnstile, type Place } from "./model-turnstile.ts";

const never = new AbortController().signal;

async function fill(turnstile: ModelTurnstile): Promise<Place[]> {
  const places = await Promise.all(Array.from({ length: 4 }, () => turnstile.enter(never)));
  return places.filter((place) => place !== null);
}

test("four calls go at once, and the fifth goes when one of them leaves", async () => {
  const turnstile = new ModelTurnstile();
  const [first] = await fill(turnstile);
  let isIn = false;
  const fifth = turnstile.enter(never).then(() => {
    isIn = true;
  });
  await Bun.sleep(1);
  expect(isIn).toBe(false);
  first?.leave();
  await fifth;
  expect(isIn).toBe(true);
});

test("leaving twice makes one place, not two", async () => {
  const turnstile = new ModelTurnstile();
  const [first] = await fill(turnstile);
  first?.leave();
  first?.leave();
  expect(await turnstile.enter(never)).not.toBeNull();
  const waiting = turnstile.enter(AbortSignal.timeout(10));
  await expect(waiting).rejects.toThrow();
});

test("who leaves while waiting takes nobody's place, and too many who wait are turned away", async () => {
  const turnstile = new ModelTurnstile();
  const places = await fill(turnstile);
  const gone = new AbortController();
  const left = turnstile.enter(gone.signal);
  gone.abort(new Error("left"));
  await expect(left).rejects.toThrow("left");
  const waiting = Array.from({ length: 16 }, () => turnstile.enter(never));
  expect(await turnstile.enter(never)).toBeNull();
  for (const place of places) place.leave();
  for (const place of await Promise.all(waiting.slice(0, 4))) expect(place).not.toBeNull();
});
