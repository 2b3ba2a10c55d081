/** What of a page's elements is needed here. */
export interface Child {
  readonly nextElementSibling: unknown;
}

export interface Parent<T> {
  readonly children: ArrayLike<T>;
  /** Keeps focus and selection, in browsers that have it. */
  moveBefore?(child: T, before: T | null): void;
  insertBefore(child: T, before: T | null): unknown;
}

/**
 * Puts the children into the order of their tops. `held` is not moved, and the others go around it: some browsers take the
 * focus from what is moved.
 */
export function arrange<T extends Child>(parent: Parent<T>, topOf: (child: T) => number, held?: T): void {
  const tops = new Map(Array.from(parent.children, (child) => [child, topOf(child)]));
  const wanted = [...tops.keys()].sort((a, b) => (tops.get(a) ?? 0) - (tops.get(b) ?? 0));
  const move = (child: T, before: T | null) =>
    parent.moveBefore ? parent.moveBefore(child, before) : parent.insertBefore(child, before);
  // Mostly it is the first or the last ones that are new, so that those in the middle stand right.
  const middle = held !== undefined && tops.has(held) ? wanted.indexOf(held) : wanted.length >> 1;
  for (let place = middle - 1; place >= 0; place -= 1) {
    const [child, next] = [wanted[place] as T, wanted[place + 1] as T];
    if (child.nextElementSibling !== next) move(child, next);
  }
  for (let place = middle + 1; place < wanted.length; place += 1) {
    const [previous, child] = [wanted[place - 1] as T, wanted[place] as T];
    if (previous.nextElementSibling !== child) move(child, previous.nextElementSibling as T | null);
  }
}
