/** A text that comes in pieces, looked through for the needles of a {@link createNeedleSearch}. */
export interface NeedleStream {
  /** True when a needle has ended in this piece. */
  push(piece: Uint8Array): boolean;
}

const CR = 13;
const LF = 10;

/**
 * Looks for many needles at once in texts of any length (after Wu and Manber: the last two bytes of a window say how far
 * it can be moved on). Line breaks in the text count as if they were not there, so no needle may have one.
 *
 * @param needles each of two bytes at least, in UTF-8
 * @returns begins a text
 */
export function createNeedleSearch(needles: readonly string[]): () => NeedleStream {
  const all = needles.map((needle) => Buffer.from(needle));
  const width = Math.min(...all.map(({ length }) => length));
  if (all.length === 0 || width < 2) throw new Error("needles have two bytes at least");
  const longest = Math.max(...all.map(({ length }) => length));
  /** How far a window may move on when it ends in these two bytes. */
  const steps = new Uint16Array(65_536).fill(Math.min(width - 1, 65_535));
  /** Needles by the two bytes that their first `width` bytes end in. */
  const endings = new Map<number, Buffer[]>();
  for (const needle of all) {
    for (let end = 2; end <= width; end += 1) {
      const pair = pairAt(needle, end);
      steps[pair] = Math.min(steps[pair] ?? 0, width - end);
    }
    const last = pairAt(needle, width);
    endings.set(last, [...(endings.get(last) ?? []), needle]);
  }

  function isIn(text: Uint8Array): boolean {
    for (let end = width; end <= text.length; ) {
      const pair = pairAt(text, end);
      const step = steps[pair] ?? 1;
      if (step > 0) {
        end += step;
        continue;
      }
      for (const needle of endings.get(pair) ?? []) if (startsAt(text, end - width, needle)) return true;
      end += 1;
    }
    return false;
  }

  return () => {
    let rest = new Uint8Array(0);
    return {
      push(piece) {
        const text = new Uint8Array(rest.length + piece.length);
        text.set(rest);
        let length = rest.length;
        for (let at = 0; at < piece.length; at += 1) {
          const byte = piece[at] ?? 0;
          if (byte === CR || byte === LF) continue;
          text[length] = byte;
          length += 1;
        }
        const joined = text.subarray(0, length);
        // What a needle may have begun in.
        rest = joined.slice(Math.max(0, length - longest + 1));
        return isIn(joined);
      },
    };
  };
}

const pairAt = (bytes: Uint8Array, end: number) => ((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0);

function startsAt(text: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > text.length) return false;
  for (let index = 0; index < needle.length; index += 1) if (text[at + index] !== needle[index]) return false;
  return true;
}
