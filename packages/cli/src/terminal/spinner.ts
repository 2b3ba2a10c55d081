const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export const FRAME_MS = 80;

/** The picture of a spinner at a time in milliseconds. */
export const spinnerAt = (nowMs: number): string =>
  FRAMES[Math.floor(nowMs / FRAME_MS) % FRAMES.length] ?? "";
