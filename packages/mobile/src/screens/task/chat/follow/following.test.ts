import {
  AT_END,
  afterChange,
  afterGesture,
  afterScroll,
  type Following,
  follow,
  goneAway,
  type Hand,
  letGo,
  newRows,
  type Scrolled,
} from "./following.ts";

const room = 600;
const row = (id: string, kind = "assistant") => ({ id, kind });
const at = (offset: number, length: number): Scrolled => ({ offset, room, length });
/** While rows come, unless the time is named. */
const scroll = (
  before: Following,
  scrolled: Scrolled,
  hand: Hand | null = null,
  lastId = "a",
  nowMs = before.changedMs + 10,
) => afterScroll(before, scrolled, { hand, lastId, nowMs });
const begin = scroll(AT_END, at(400, 1000), null, "a", 1_000);

test("content that grows does not count as scrolling away from the end", () => {
  const grown = scroll(begin, at(400, 1500), null, "b");
  expect(grown.isFollowing).toBe(true);
  expect(newRows(grown, [row("a"), row("b")])).toBe(0);
});

test("rows that shrink move the list up, and nobody has left its end", () => {
  expect(scroll(begin, at(250, 850)).isFollowing).toBe(true);
  // They have shrunk and others have grown before the list tells of either.
  expect(scroll(begin, at(250, 1400)).isFollowing).toBe(true);
  expect(scroll(begin, at(250, 1000)).isFollowing).toBe(true);
});

test.each(["up", "any"] as const)(
  "a reader whose hand (%s) scrolls up is left alone, and told what is new",
  (hand) => {
    const up = scroll(begin, at(200, 1000), hand);
    expect(up).toMatchObject({ isFollowing: false, leftAt: "a" });
    const rows = [row("z"), row("a"), row("b"), row("c"), row("m", "pending")];
    expect(newRows(up, rows)).toBe(2);
    const reading = scroll(up, at(220, 2000), null, "c");
    expect(reading).toMatchObject({ isFollowing: false, leftAt: "a" });
  },
);

test("a gesture that wants up leaves the end before the list has moved, and is not called back by what comes", () => {
  const left = letGo(begin, "a");
  expect(left).toMatchObject({ isFollowing: false, leftAt: "a" });
  expect(scroll(left, at(800, 1400), "up", "b")).toMatchObject({ isFollowing: false, leftAt: "a" });
  expect(letGo(left, "b").leftAt).toBe("a");
});

test("a gesture that has moved nothing here is followed by the end as before", () => {
  const left = letGo(begin, "a");
  expect(afterGesture(scroll(left, at(400, 1400), "up"))).toMatchObject({ isFollowing: true, leftAt: null });
  // The list was still on its way to an end further down when the reader pulled it back.
  const pulled = scroll(scroll(left, at(800, 1400), "up"), at(700, 1500), "up");
  expect(afterGesture(pulled)).toMatchObject({ isFollowing: false, leftAt: "a" });
  expect(afterGesture(goneAway(begin, "a")).isFollowing).toBe(false);
});

test("what moves a list up in which nothing has changed for a while is somebody without a hand", () => {
  const still = afterChange(begin, 2_000);
  expect(scroll(still, at(200, 1000), null, "a", 2_100).isFollowing).toBe(true);
  expect(scroll(still, at(200, 1000), null, "a", 2_600)).toMatchObject({ isFollowing: false, leftAt: "a" });
  // A keyboard that opens takes room, and time has nothing to do with it.
  expect(
    afterScroll(still, { offset: 300, room: 300, length: 1000 }, { hand: null, lastId: "a", nowMs: 9_000 })
      .isFollowing,
  ).toBe(true);
});

test("back at the end, or coming down near to it, the list is followed again", () => {
  const up = scroll(begin, at(100, 1000), "any");
  expect(scroll(up, at(400, 1000))).toMatchObject({ isFollowing: true, leftAt: null });
  expect(scroll(up, at(380, 1000))).toMatchObject({ isFollowing: true, leftAt: null });
  expect(scroll(up, at(380, 1000), "any").isFollowing).toBe(true);
  expect(scroll(up, at(300, 1000)).isFollowing).toBe(false);
});

test("who has gone up by less than a line stays there, also when rows above change", () => {
  const up = scroll(begin, at(370, 1000), "up");
  expect(up.isFollowing).toBe(false);
  expect(scroll(up, at(365, 1000)).isFollowing).toBe(false);
  expect(scroll(up, at(420, 1050)).isFollowing).toBe(false);
});

test("a tremor of the layout is no move of the reader", () => {
  expect(scroll(begin, at(399, 1200), "any").isFollowing).toBe(true);
});

test("who wants to the end is told of nothing new", () => {
  expect(follow(goneAway(begin, "a"))).toMatchObject({ isFollowing: true, leftAt: null });
});
