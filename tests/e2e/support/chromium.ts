/**
 * Null where none runs on this machine: tests that need one are then skipped and say so. Ubuntu has a program of that
 * name which only says that a snap is missing.
 */
export const chromium =
  ["chromium", "chromium-browser", "google-chrome"]
    .map((name) => Bun.which(name))
    .find((path) => path !== null && Bun.spawnSync([path, "--version"]).exitCode === 0) ?? null;
