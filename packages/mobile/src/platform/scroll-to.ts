/** Scrolls until what has this id is seen, where it is not. */
export const scrollTo = (id: string): void =>
  document.getElementById(id)?.scrollIntoView({ block: "nearest" });
