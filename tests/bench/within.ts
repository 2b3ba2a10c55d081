/** What was waited for did not come in its time. */
export class Late extends Error {}

/**
 * Waits no longer than so many milliseconds. What was begun goes on, unheard.
 * @param what for the error, as "opening the page"
 * @throws {Late} when the time is over
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Late(`${what} took longer than ${ms / 1_000} s`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
