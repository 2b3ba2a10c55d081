import { arrange } from "./arrange.ts";

class Place {
  moves = 0;
  constructor(public children: Row[]) {
    for (const child of children) child.parent = this;
  }
  insertBefore(child: Row, before: Row | null): void {
    this.moves += 1;
    child.wasMoved = true;
    this.children = this.children.filter((it) => it !== child);
    const at = before === null ? this.children.length : this.children.indexOf(before);
    this.children.splice(at, 0, child);
  }
}
class Row {
  parent: Place | null = null;
  wasMoved = false;
  constructor(readonly top: number) {}
  get nextElementSibling(): Row | null {
    const siblings = this.parent?.children ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }
}

const placeOf = (...tops: number[]) => new Place(tops.map((top) => new Row(top)));
const order = (place: Place, held?: Row) => {
  arrange(place, ({ top }) => top, held);
  return place.children.map(({ top }) => top);
};

/** All orders of so many rows. */
const orders = (count: number): number[][] =>
  count === 0
    ? [[]]
    : orders(count - 1).flatMap((rest) =>
        Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count, ...rest.slice(at)]),
      );

test("rows come into the order of their tops, whatever it was, and the one that holds the focus is not moved", () => {
  for (const tops of orders(6)) {
    expect(order(placeOf(...tops))).toEqual([1, 2, 3, 4, 5, 6]);
    for (const top of tops) {
      const place = placeOf(...tops);
      const held = place.children.find((row) => row.top === top) as Row;
      expect(order(place, held)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(held.wasMoved).toBe(false);
    }
  }
});

test("what stands right is left alone, and a row that came at an end is all that moves", () => {
  for (const [tops, moves] of [
    [[], 0],
    [[1], 0],
    [[1, 2, 3, 4, 5], 0],
    [[9, 1, 2, 3, 4, 5], 1],
    [[2, 3, 4, 5, 6, 1], 1],
  ] as const) {
    const place = placeOf(...tops);
    order(place);
    expect(place.moves).toBe(moves);
  }
});
