/** The most of a sandbox's last output that is kept, in bytes of UTF-8. */
export const TAIL_MAX_BYTES = 8 * 1024;

/**
 * The end of a program's output as text for people: no colours, no cursor movements, no control characters, cut
 * at a character's border.
 */
export function readableTail(output: Uint8Array): string {
  const text = Bun.stripANSI(new TextDecoder().decode(output))
    .replaceAll("\r\n", "\n")
    // A progress bar rewrites its line: only what it wrote last was seen.
    .replace(/[^\n]*\r/g, "")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")
    .trim();
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= TAIL_MAX_BYTES) return text;
  let start = bytes.length - TAIL_MAX_BYTES;
  // 0b10xxxxxx is the middle of a character.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new TextDecoder().decode(bytes.subarray(start));
}
