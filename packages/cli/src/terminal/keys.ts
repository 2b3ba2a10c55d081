/** The part of `process.stdin` that reading single keys needs. */
export interface Keyboard {
  isTTY?: boolean;
  setRawMode(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: "data", listener: (data: Buffer) => void): unknown;
  off(event: "data", listener: (data: Buffer) => void): unknown;
}

/** What Ctrl-C sends while keys are read one by one. */
export const CTRL_C = "\u0003";

/** Waits for one of these keys (or Ctrl-C); other keys do nothing. Null when `signal` aborts first. */
export function readKey(
  keyboard: Keyboard,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    const end = (key: string | null) => {
      keyboard.off("data", listen);
      signal.removeEventListener("abort", abort);
      keyboard.setRawMode(false);
      keyboard.pause();
      resolve(key);
    };
    const abort = () => end(null);
    const listen = (data: Buffer) => {
      const typed = data.toString("utf8").toLowerCase();
      const key = [...typed].find((character) => character === CTRL_C || keys.includes(character));
      if (key !== undefined) end(key);
    };
    if (signal.aborted) return resolve(null);
    signal.addEventListener("abort", abort, { once: true });
    keyboard.setRawMode(true);
    keyboard.on("data", listen);
    keyboard.resume();
  });
}
