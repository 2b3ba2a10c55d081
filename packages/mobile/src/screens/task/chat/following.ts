/** Whether the list sticks to its end. The reader decides by scrolling; what comes in never does. */
export interface Following {
  isFollowing: boolean;
  /** The last row when the reader left the end; null while at the end. */
  leftAt: string | null;
  /** Distance from the start of the content at the last scroll, in points. */
  offset: number;
}

export interface Scrolled {
  offset: number;
  /** Height of what is seen. */
  room: number;
  /** Height of the content. */
  length: number;
}

/** So near to the end, in points, the reader means the end. */
export const NEAR = 56;
/** Layout moves the list by a point or so without anybody's doing. */
const TREMOR = 2;

export const AT_END: Following = { isFollowing: true, leftAt: null, offset: 0 };

/** @param lastId the last row's id at this moment */
export function afterScroll(
  before: Following,
  { offset, room, length }: Scrolled,
  lastId: string | null,
): Following {
  const fromEnd = length - room - offset;
  if (fromEnd <= NEAR) return { isFollowing: true, leftAt: null, offset };
  // Content that grows takes the end away without moving the reader: only a move upwards leaves it.
  const wentUp = offset < before.offset - TREMOR;
  if (before.isFollowing && !wentUp) return { ...before, offset };
  return { isFollowing: false, leftAt: before.isFollowing ? lastId : before.leftAt, offset };
}

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
