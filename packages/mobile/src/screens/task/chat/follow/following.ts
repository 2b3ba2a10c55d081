/** Whether the list sticks to its end. The reader decides by scrolling; what comes in never does. */
export interface Following extends Scrolled {
  isFollowing: boolean;
  /** The last row when the reader left the end; null while at the end. */
  leftAt: string | null;
  /** Since they left it the list has moved for them: until then a gesture may have meant something else. */
  hasMoved: boolean;
  /** When rows or sizes last changed, in milliseconds. */
  changedMs: number;
}

/** In points. */
export interface Scrolled {
  /** Distance from the start of the content. */
  offset: number;
  /** Height of what is seen. */
  room: number;
  /** Height of the content. */
  length: number;
}

/** What the reader's hand is at: `up` is certain to want away from the end, `any` wants what the list then does. */
export type Hand = "up" | "any";

export interface Circumstances {
  /** Null where no gesture of the reader is under way. */
  hand: Hand | null;
  nowMs: number;
  /** The last row's id at this moment. */
  lastId: string | null;
}

/** So near to the end, in points, a reader who comes down means the end. */
export const NEAR = 56;
/** Layout moves the list by a point or so without anybody's doing. */
const TREMOR = 2;
/**
 * Where nothing has changed for so long, what moves the list is somebody: a screen reader, or a search in the page. Their
 * gestures are not told to a page.
 */
const STILL_MS = 500;

export const AT_END: Following = {
  isFollowing: true,
  leftAt: null,
  hasMoved: false,
  changedMs: 0,
  offset: 0,
  room: 0,
  length: 0,
};

export const fromEnd = ({ offset, room, length }: Scrolled): number => length - room - offset;
export const isAtEnd = (scrolled: Scrolled): boolean => fromEnd(scrolled) <= TREMOR;

/** The list has moved. Rows that shrink move it up as a reader does, so that only a hand tells whose doing it is. */
export function afterScroll(
  before: Following,
  scrolled: Scrolled,
  { hand, nowMs, lastId }: Circumstances,
): Following {
  const isSameSize = scrolled.room === before.room && scrolled.length === before.length;
  const after = { ...before, ...scrolled, changedMs: isSameSize ? before.changedMs : nowMs };
  const moved = scrolled.offset - before.offset;
  if (before.isFollowing) {
    const isStill = nowMs - after.changedMs >= STILL_MS;
    const isReaders = hand !== null || isStill;
    return isReaders && moved < -TREMOR && !isAtEnd(scrolled) ? goneAway(after, lastId) : after;
  }
  if (hand === "up") return moved < -TREMOR ? { ...after, hasMoved: true } : after;
  // What grows or shrinks above takes the reader along, and brings them no nearer to the end.
  const isNearer = moved > TREMOR && fromEnd(scrolled) < fromEnd(before) - TREMOR;
  return isAtEnd(scrolled) || (isNearer && fromEnd(scrolled) <= NEAR) ? follow(after) : after;
}

/** Rows came, went or changed. */
export const afterChange = (before: Following, nowMs: number): Following => ({ ...before, changedMs: nowMs });

export const follow = (before: Following): Following => ({
  ...before,
  isFollowing: true,
  leftAt: null,
  hasMoved: false,
});

/** A gesture begins that wants up. At once: where rows stream in, the list is back at its end before it tells of a move. */
export const letGo = (before: Following, lastId: string | null): Following =>
  before.isFollowing ? { ...before, isFollowing: false, leftAt: lastId } : before;

/** The gesture is over. Where it has moved something else, or there was nowhere to go, the end is followed as before. */
export const afterGesture = (before: Following): Following => (before.hasMoved ? before : follow(before));

/** The reader is away from the end, or is led there. */
export const goneAway = (before: Following, lastId: string | null): Following => ({
  ...letGo(before, lastId),
  hasMoved: true,
});

/** How many rows have come since the reader left the end. */
export function newRows(following: Following, rows: readonly { id: string; kind: string }[]): number {
  if (following.isFollowing) return 0;
  let count = 0;
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index];
    if (!row || row.id === following.leftAt) break;
    // One's own messages that wait at the end are no news.
    if (row.kind !== "pending") count += 1;
  }
  return count;
}
