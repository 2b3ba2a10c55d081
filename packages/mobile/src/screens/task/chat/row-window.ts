/** Rows that are given to the list at first, and with each step back. */
export const WINDOW = 200;

/**
 * Index of the first row that is shown. A long task opens with its end; going back shows more, and what comes in takes
 * nothing away.
 * @param before null at first
 */
export function windowStart(before: number | null, count: number): number {
  if (before === null) return Math.max(0, count - WINDOW);
  // After rows went (a pending one was withdrawn) there is still something to see.
  return Math.min(before, Math.max(0, count - 1));
}

export const olderStart = (start: number): number => Math.max(0, start - WINDOW);
