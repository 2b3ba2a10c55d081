/** Seeds of rounds that once failed. They run first, always. */
export const REGRESSIONS: readonly number[] = [1, 4, 7];
