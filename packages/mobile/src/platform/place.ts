/** Where this page is, as a path of the app; null where there is no page. */
export const currentPlace = (): string | null =>
  typeof location === "undefined" ? null : location.pathname + location.search;

/** Links come as pages of their own. @returns ends it */
export const onLink =
  (_listener: (path: string) => void): (() => void) =>
  () =>
    undefined;
