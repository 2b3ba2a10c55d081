/**
 * Text that a person is to judge (a diff, a file, a name, a prompt, a command), made fit for a terminal without leaving
 * anything out: what could steer the terminal, reorder the line or stay unseen is shown by its number, as `<U+000D>`.
 */

/**
 * All that is no visible character: controls, formats, private and unassigned ones, separators, and what fonts are told to
 * ignore (zero-width characters, variation selectors, tags, fillers of Hangul), which compilers and models read all the
 * same. Joined pictures stay, and so does the wide space of Chinese and Japanese, which shows.
 */
const UNSEEN = new RegExp(
  [
    "(?<=\\p{Extended_Pictographic})\\ufe0f",
    "(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=\\p{Extended_Pictographic})",
    "[\\n\\u0020\\u3000]",
    "([\\p{C}\\p{Z}\\p{Default_Ignorable_Code_Point}\\u2800])",
  ].join("|"),
  "gu",
);

const TAB = "    ";

/** Shows each unseen character by its number; line breaks stay. */
export function showUnseen(text: string): string {
  return text.replace(UNSEEN, (seen, unseen: string | undefined) =>
    unseen === undefined ? seen : numberOf(unseen),
  );
}

/** The same, with tabs as spaces. */
export function exactText(text: string): string {
  return showUnseen(text.replaceAll("\t", TAB));
}

/** The same on one line: what was on several lines is parted by a sign, as a comment ends with its line. */
export function exactLine(text: string): string {
  return exactText(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ⏎ ");
}

function numberOf(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`;
}
