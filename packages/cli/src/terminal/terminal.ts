import { createColors } from "picocolors";
import type { Colors } from "picocolors/types";
import { liveScreen, plainScreen, type Screen, type TextStream } from "./screen.ts";

/** How a command speaks to whoever started it. */
export interface Terminal extends Disposable {
  /** For people: standard output, or standard error while `--json` has standard output for programs. */
  readonly screen: Screen;
  readonly colors: Colors;
  /** The screen can be drawn over, and somebody can be asked. */
  readonly isLive: boolean;
  /** One JSON line for programs; null where nobody asked for JSON. */
  readonly json: ((value: object) => void) | null;
}

export interface TerminalOptions {
  stdout: TextStream;
  stderr: TextStream;
  env: Readonly<Record<string, string | undefined>>;
  json: boolean;
}

export function openTerminal({ stdout, stderr, env, json }: TerminalOptions): Terminal {
  const stream = json ? stderr : stdout;
  const isLive = !json && stream.isTTY === true && env.TERM !== "dumb";
  const screen = isLive ? liveScreen(stream) : plainScreen(stream);
  return {
    screen,
    colors: createColors(wantsColor(stream, env)),
    isLive,
    json: json ? (value) => void stdout.write(`${JSON.stringify(value)}\n`) : null,
    [Symbol.dispose]: () => screen[Symbol.dispose](),
  };
}

/** Sources: https://no-color.org and https://force-color.org */
export function wantsColor(stream: TextStream, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return true;
  return stream.isTTY === true && env.TERM !== "dumb";
}
