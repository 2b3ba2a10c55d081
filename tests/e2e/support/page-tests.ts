/**
 * As much of `bun:test` as the suite of stores uses, for a page: it notes the cases, and runs them when it is asked to. What it
 * does not know fails.
 */
import assert from "node:assert";
import { Buffer } from "node:buffer";

// Bun has it without an import.
Object.assign(globalThis, { Buffer });

/** What came of a case; null where it holds. */
export interface Outcome {
  name: string;
  error: string | null;
}

const cases: { name: string; run: () => unknown }[] = [];
const afterEachCase: (() => unknown)[] = [];
/** What a case did not wait for. */
let unawaited: Promise<void>[] = [];

export const describe = (_name: string, define: () => void): void => define();
export const test = (name: string, run: () => unknown): void => void cases.push({ name, run });
export const afterEach = (run: () => unknown): void => void afterEachCase.push(run);

export const expect = (found: unknown) => ({
  toBe: (wanted: unknown) => assert.ok(Object.is(found, wanted), `${found} is not ${wanted}`),
  toBeUndefined: () => assert.strictEqual(found, undefined),
  toBeNull: () => assert.strictEqual(found, null),
  toEqual: (wanted: unknown) => assert.deepStrictEqual(found, wanted),
  toHaveLength: (length: number) => assert.strictEqual((found as { length: number }).length, length),
  rejects: {
    toThrow(message: string) {
      const checked = assert.rejects(
        found as Promise<unknown>,
        (error: unknown) => error instanceof Error && error.message.includes(message),
      );
      unawaited.push(checked);
      return checked;
    },
  },
});

export async function runCases(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of cases) {
    unawaited = [];
    let error: string | null = null;
    try {
      await run();
      await Promise.all(unawaited);
      for (const after of afterEachCase) await after();
    } catch (problem) {
      error = String(problem);
    }
    outcomes.push({ name, error });
  }
  return outcomes;
}
