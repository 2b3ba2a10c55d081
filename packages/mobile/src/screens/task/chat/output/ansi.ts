/** Colours of a terminal that are drawn: the eight names, each in one shade that is readable on both themes. */
export type AnsiColor = "black" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "white";

export interface AnsiSpan {
  text: string;
  color: AnsiColor | null;
  isBold: boolean;
  isDim: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
}

type Look = Omit<AnsiSpan, "text">;

const PLAIN: Look = { color: null, isBold: false, isDim: false, isItalic: false, isUnderlined: false };
const NAMES: readonly AnsiColor[] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

// Written with escapes, since the characters themselves cannot be seen.
const SEQUENCE = new RegExp(
  [
    "\\u001b\\[([0-9;:?<=>]*)[ -/]*([@-~])", // CSI, of which `m` sets colours
    "\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\|$)", // OSC: titles and links
    "\\u001b[@-Z\\\\^_a-z=>()][0-9A-B]?", // others
    "\\u001b\\[?[0-9;]*$", // one that was cut off
  ].join("|"),
  "g",
);

/** Text of a terminal in pieces of one look. Everything else that terminals can be told is left out. */
export function parseAnsi(input: string): AnsiSpan[] {
  const spans: AnsiSpan[] = [];
  let look = PLAIN;
  let from = 0;
  const text = overwritten(input);
  const add = (piece: string) => {
    const clean = withoutControls(piece);
    if (clean) spans.push({ text: clean, ...look });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") look = changed(look, match[1] ?? "");
  }
  add(text.slice(from));
  return spans;
}

/** What a terminal would show in the end of lines that were written over, as progress bars are. */
function overwritten(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).replace(/\r$/, ""))
    .join("\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const withoutControls = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");

function changed(before: Look, parameters: string): Look {
  let look = before;
  const codes = parameters.split(/[;:]/).map((it) => (it === "" ? 0 : Number(it)));
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const { color, length } = extended(codes.slice(index + 1));
      if (code === 38) look = { ...look, color };
      index += length;
    } else look = withCode(look, code);
  }
  return look;
}

function withCode(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, isBold: true };
  if (code === 2) return { ...look, isDim: true };
  if (code === 3) return { ...look, isItalic: true };
  if (code === 4) return { ...look, isUnderlined: true };
  if (code === 22) return { ...look, isBold: false, isDim: false };
  if (code === 23) return { ...look, isItalic: false };
  if (code === 24) return { ...look, isUnderlined: false };
  if (code === 39) return { ...look, color: null };
  if (code === 90) return { ...look, color: "white", isDim: true };
  const name = code >= 30 && code <= 37 ? code - 30 : code >= 91 && code <= 97 ? code - 90 : -1;
  return NAMES[name] ? { ...look, color: NAMES[name] } : look;
}

/** `5;n` and `2;r;g;b`, as the nearest of the eight. `length`: how many codes it took. */
function extended(codes: readonly number[]): { color: AnsiColor | null; length: number } {
  const [kind, first = 0, second = 0, third = 0] = codes;
  if (kind === 2) return { color: nearest(first, second, third), length: 4 };
  if (kind !== 5) return { color: null, length: 0 };
  if (first < 16) return { color: NAMES[first % 8] ?? null, length: 2 };
  if (first >= 232) return { color: null, length: 2 };
  const place = first - 16;
  const level = (part: number) => part * 51;
  return {
    color: nearest(level(Math.floor(place / 36)), level(Math.floor(place / 6) % 6), level(place % 6)),
    length: 2,
  };
}

/** By its hue alone: how light it is, the theme knows better. */
function nearest(red: number, green: number, blue: number): AnsiColor | null {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return null;
  const middle = (most + least) / 2;
  const index = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return NAMES[index] ?? null;
}

/** The text without its looks, as one pastes it. */
export const plainText = (text: string): string =>
  parseAnsi(text)
    .map((span) => span.text)
    .join("");

/** So much is drawn at once: one line can be as long as a file. */
const MOST_CHARACTERS = 200_000;

/** The last lines, and how many stand before them. */
export function tailOf(text: string, lines: number): { text: string; hidden: number } {
  const all = text.replace(/\n+$/, "").split("\n");
  const tail = all.slice(-lines).join("\n");
  const shown = tail.length > MOST_CHARACTERS ? `…${tail.slice(-MOST_CHARACTERS)}` : tail;
  return { text: shown, hidden: Math.max(0, all.length - lines) };
}
