import { AT_END, afterScroll, newRows } from "./following.ts";

const room = 600;
const row = (id: string, kind = "assistant") => ({ id, kind });

test("content that grows does not count as scrolling away from the end", () => {
  const at = afterScroll(AT_END, { offset: 400, room, length: 1000 }, "a");
  const grown = afterScroll(at, { offset: 400, room, length: 1500 }, "b");
  expect(grown.isFollowing).toBe(true);
  expect(newRows(grown, [row("a"), row("b")])).toBe(0);
});

test("a reader who scrolls up is left alone, and told what is new", () => {
  const at = afterScroll(AT_END, { offset: 400, room, length: 1000 }, "a");
  const up = afterScroll(at, { offset: 200, room, length: 1000 }, "a");
  expect(up).toMatchObject({ isFollowing: false, leftAt: "a" });
  const rows = [row("z"), row("a"), row("b"), row("c"), row("m", "pending")];
  expect(newRows(up, rows)).toBe(2);
  const reading = afterScroll(up, { offset: 220, room, length: 2000 }, "c");
  expect(reading).toMatchObject({ isFollowing: false, leftAt: "a" });
});

test("back at the end the list is followed again", () => {
  const up = afterScroll(
    { isFollowing: true, leftAt: null, offset: 400 },
    { offset: 100, room, length: 1000 },
    "a",
  );
  const back = afterScroll(up, { offset: 380, room, length: 1000 }, "c");
  expect(back).toMatchObject({ isFollowing: true, leftAt: null });
});

test("a tremor of the layout is no move of the reader", () => {
  const at = { isFollowing: true, leftAt: null, offset: 400 };
  expect(afterScroll(at, { offset: 399, room, length: 1200 }, "a").isFollowing).toBe(true);
});
