import { Value } from "@farhand/client/app";
import { perFrame } from "./per-frame.ts";

function frames() {
  let waiting: (() => void)[] = [];
  return {
    schedule: (work: () => void) => {
      waiting.push(work);
      return () => {
        waiting = waiting.filter((it) => it !== work);
      };
    },
    draw() {
      const due = waiting;
      waiting = [];
      for (const work of due) work();
    },
    get count() {
      return waiting.length;
    },
  };
}

test("many changes between two frames are told once, with the last of them", () => {
  const source = new Value(0);
  const clock = frames();
  const calm = perFrame(source, clock.schedule);
  const told: number[] = [];
  calm.subscribe(() => told.push(calm.getSnapshot()));
  for (let value = 1; value <= 60; value++) source.set(value);
  expect(calm.getSnapshot()).toBe(0);
  clock.draw();
  expect(told).toEqual([60]);
  clock.draw();
  expect(told).toEqual([60]);
});

test("what came before somebody listened is there at once", () => {
  const source = new Value("a");
  const calm = perFrame(source, frames().schedule);
  source.set("b");
  expect(calm.getSnapshot()).toBe("b");
  calm.subscribe(() => undefined);
  expect(calm.getSnapshot()).toBe("b");
});

test("nothing is told to who has left, and no frame is kept waiting", () => {
  const source = new Value(0);
  const clock = frames();
  const calm = perFrame(source, clock.schedule);
  const heard = jest.fn();
  const leave = calm.subscribe(heard);
  source.set(1);
  leave();
  expect(clock.count).toBe(0);
  clock.draw();
  expect(heard).not.toHaveBeenCalled();
});
