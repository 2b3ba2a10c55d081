export type Feel = "sent" | "needs-you" | "done" | "failed";

/** Browsers vibrate for nobody here: a page that does is a nuisance. */
export function feel(_what: Feel): void {}
