/** Phones go from heading to heading by a gesture. */
export const SkipLink = (): null => null;
