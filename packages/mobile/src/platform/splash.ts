/** The page has none: its own colour is there at once. */
export function hideSplash(): void {}
