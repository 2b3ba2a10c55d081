/** Phones are scrolled by hand. */
export const scrollTo = (_id: string): void => undefined;
