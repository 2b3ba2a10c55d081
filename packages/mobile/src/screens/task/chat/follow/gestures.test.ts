import { isDrag, wayOfFinger, wayOfKey, wayOfWheel } from "./gestures.ts";

test("a wheel goes up or down, and neither sideways nor to zoom", () => {
  const wheel = (deltaX: number, deltaY: number, ctrlKey = false) => wayOfWheel({ deltaX, deltaY, ctrlKey });
  expect([wheel(0, -3), wheel(0, 100)]).toEqual(["up", "down"]);
  expect([wheel(0, 0), wheel(80, -3), wheel(0, -100, true)]).toEqual([null, null, null]);
});

test("keys that scroll go their way, and none of them in a field", () => {
  const key = (name: string, shiftKey = false, isInField = false) =>
    wayOfKey({ key: name, shiftKey, isInField });
  expect(["ArrowUp", "PageUp", "Home"].map((name) => key(name))).toEqual(["up", "up", "up"]);
  expect(["ArrowDown", "PageDown", "End", "a"].map((name) => key(name))).toEqual([
    "down",
    "down",
    "down",
    null,
  ]);
  expect([key(" "), key(" ", true)]).toEqual(["down", "up"]);
  expect([key("Tab"), key("Tab", true)]).toEqual(["down", "up"]);
  expect([key("ArrowUp", false, true), key(" ", true, true)]).toEqual([null, null]);
  // The focus leaves the field, and takes the list along.
  expect(key("Tab", true, true)).toBe("up");
});

test("a finger that goes down brings what lies further up", () => {
  const from = { x: 100, y: 100 };
  expect(wayOfFinger(from, { x: 104, y: 140 })).toBe("up");
  expect(wayOfFinger(from, { x: 100, y: 60 })).toBe("down");
  expect(wayOfFinger(from, { x: 101, y: 103 })).toBeNull();
  // A row that is swiped.
  expect(wayOfFinger(from, { x: 160, y: 110 })).toBeNull();
});

test("a press that trembles is no drag", () => {
  expect(isDrag({ x: 1, y: 1 }, { x: 3, y: 2 })).toBe(false);
  expect(isDrag({ x: 1, y: 1 }, { x: 30, y: 2 })).toBe(true);
});
