/** Seeds of rounds that once failed. They run first, always. */
export const REGRESSIONS: readonly number[] = [1, 4, 7, 2048, 111, 1071, 1134, 1135, 5005, 107427740];
