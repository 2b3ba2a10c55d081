import { UnreachableError } from "./api-error.ts";

/**
 * Gives a request up that takes longer: a server that takes a request and says nothing is as good as away.
 * @throws UnreachableError then, and what `ask` throws
 */
export async function within<T>(
  ms: number,
  baseUrl: string,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    return await ask(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? new UnreachableError(baseUrl, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}
