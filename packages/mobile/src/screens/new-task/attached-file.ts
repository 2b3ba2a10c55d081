/** A text file that a person has chosen. */
export type PickedFile =
  | { status: "ok"; name: string; text: string }
  | { status: "binary"; name: string }
  | { status: "too-large"; name: string };

/** Less than a prompt holds, so that there is room for what to do with it. */
export const FILE_MAX_BYTES = 200 * 1024;

export function readPicked(name: string, sizeBytes: number | null, text: string): PickedFile {
  if ((sizeBytes ?? text.length) > FILE_MAX_BYTES) return { status: "too-large", name };
  // What is no UTF-8 is read as replacement characters; NUL is in no text.
  return text.includes("\0") || text.includes("\ufffd")
    ? { status: "binary", name }
    : { status: "ok", name, text };
}

/** The prompt with the file behind it, fenced longer than any fence inside. */
export function withFile(prompt: string, { name, text }: { name: string; text: string }): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const before = prompt.trimEnd();
  return `${before}${before === "" ? "" : "\n\n"}${name}:\n${fence}\n${text.replace(/\n$/, "")}\n${fence}\n`;
}
