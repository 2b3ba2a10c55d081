import { FRAME_MS } from "./spinner.ts";
import { widthOf } from "./wrap.ts";

/** Where lines for people go. */
export interface Screen extends Disposable {
  /** Columns at the moment. */
  readonly width: number;
  /** Puts finished lines on the page. */
  print(lines: readonly string[]): void;
  /**
   * Sets what is drawn below the page and may change at any time; null for nothing. It is asked for again several
   * times a second, where there is a terminal to draw on.
   */
  setLive(live: (() => string[]) | null): void;
}

/** What a screen needs of a stream such as `process.stdout`. */
export interface TextStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const ESC = "\u001b[";
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
/** Terminals that know these draw everything in between at once; others ignore them. */
const BEGIN_FRAME = `${ESC}?2026h`;
const END_FRAME = `${ESC}?2026l`;
const CLEAR_BELOW = `${ESC}J`;

const PLAIN_WIDTH = 100;

/** Only whole lines, for files, pipes and dumb terminals. */
export function plainScreen(stream: TextStream): Screen {
  return {
    width: stream.columns ?? PLAIN_WIDTH,
    print: (lines) => {
      for (const line of lines) stream.write(`${line}\n`);
    },
    setLive: () => {},
    [Symbol.dispose]: () => {},
  };
}

/** Finished lines scroll up; below them some lines are drawn anew as they change. */
export function liveScreen(stream: TextStream): Screen {
  let live: (() => string[]) | null = null;
  let drawn: string[] = [];
  const width = () => stream.columns ?? 80;

  function draw(finished: readonly string[]): void {
    const next = live?.().map((line) => fit(line, width())) ?? [];
    if (finished.length === 0 && next.length === drawn.length && next.every((line, i) => line === drawn[i]))
      return;
    stream.write(frame(drawn.length, finished, next));
    drawn = next;
  }

  const timer = setInterval(() => draw([]), FRAME_MS);
  stream.write(HIDE_CURSOR);
  return {
    get width() {
      return width();
    },
    print: (lines) => draw(lines),
    setLive: (next) => {
      live = next;
      draw([]);
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      live = null;
      draw([]);
      stream.write(SHOW_CURSOR);
    },
  };
}

/**
 * What takes the screen from one picture to the next.
 * @param drawnLines lines that are drawn below the page, with the cursor at the end of the last.
 */
export function frame(drawnLines: number, finished: readonly string[], next: readonly string[]): string {
  const toTop = drawnLines > 1 ? `\r${ESC}${drawnLines - 1}A` : "\r";
  const page = finished.map((line) => `${line}\n`).join("");
  return `${BEGIN_FRAME}${toTop}${CLEAR_BELOW}${page}${next.join("\n")}${END_FRAME}`;
}

/** A line that wrapped would take two, and the next frame would begin in the wrong place. */
function fit(line: string, width: number): string {
  return widthOf(line) < width ? line : Bun.sliceAnsi(line, 0, width - 1);
}
