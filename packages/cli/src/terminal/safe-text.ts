import { showUnseen } from "./exact-text.ts";

/**
 * Output of a tool or a program and what a model says, made fit for a terminal and for reading; what a person is to judge
 * is shown by `exactText`. Whoever writes such text could otherwise move the cursor, fake output, set the clipboard or make
 * the terminal type: so nothing of it may be a control.
 */

const ESC = "\\u001b";
/**
 * CSI, then the string controls (OSC, DCS, PM, APC, SOS) with their text, then any other escape. A string ends with its
 * line at the latest: one that was never ended would else hide all that follows.
 */
const ESCAPE_SEQUENCES = new RegExp(
  [
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c\\n]*(?:\\u0007|${ESC}\\\\|\\u009c)?`,
    `${ESC}[ -/]*[0-~]`,
  ].join("|"),
  "g",
);

/** What is left of the C0 and C1 controls but the newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is what this is for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

const TAB = "    ";

/**
 * Takes out every escape sequence and control character; newlines stay, tabs become spaces, and of a line that
 * was drawn over and over with carriage returns (a progress bar) the last drawing stays. Other characters that
 * cannot be seen are shown by their number.
 */
export function safeText(text: string): string {
  const printed = text
    .replace(ESCAPE_SEQUENCES, "")
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map(lastDrawing)
    .join("\n")
    .replaceAll("\t", TAB)
    .replace(CONTROLS, "");
  return showUnseen(printed);
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safeText(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}

function lastDrawing(line: string): string {
  const drawn = line.replace(/\r+$/, "");
  return drawn.slice(drawn.lastIndexOf("\r") + 1);
}
