import { PLAIN, widthOf } from "./cells.ts";

/** Where a line could go on in the next one, and how many cells of it would stay. */
interface Chance {
  at: number;
  used: number;
}

const BLANK = /[ \t]/;
const DIGIT = /\d/;
/** Behind these a word may go on in the next line. Quotes are none: they belong to what they are around. */
const BREAKS_AFTER = /[,;:.?/\\|&=+*<>(){}[\]-]/;
/** What begins a word, or a piece of text. */
const BEGINS = /[\p{L}\p{N}_$@#"'`]/u;

/**
 * Where the lines of the screen begin that come after the first, in UTF-16 units: behind blanks, else behind punctuation,
 * and within a word only where it is longer than a line. One blank may stand beyond the last cell, where nobody sees it.
 *
 * @param columns cells of a line; 0 does not break it
 */
export function breaksOf(text: string, columns: number): number[] {
  if (columns <= 0 || (text.length <= columns && PLAIN.test(text))) return [];
  const breaks: number[] = [];
  let blank: Chance | null = null;
  let point: Chance | null = null;
  let used = 0;
  let cells = 0;
  let at = 0;
  // A line of nothing but indentation would look like an empty one.
  let hasInk = false;
  let before = "";
  let beforeThat = "";
  for (const character of text) {
    const width = widthOf(character, cells);
    const isBlank = BLANK.test(character);
    if (hasInk && !isBlank) {
      if (BLANK.test(before)) blank = { at, used };
      else if (canPart(beforeThat, before, character)) point = { at, used };
    }
    const hangs = character === " " && used === columns;
    while (used + width > columns && used > 0 && !hangs) {
      const chance: Chance = choose(blank, point, columns) ?? { at, used };
      breaks.push(chance.at);
      used -= chance.used;
      blank = rest(blank, chance);
      point = rest(point, chance);
      hasInk = chance.at < at;
    }
    used += width;
    cells += width;
    at += character.length;
    hasInk ||= !isBlank;
    beforeThat = before;
    before = character;
  }
  return breaks;
}

/** How many lines of the screen a line takes. */
export const heightInLines = (text: string, columns: number): number => breaksOf(text, columns).length + 1;

/** Whether a line may end between `before` and `next`, where there is no blank. Numbers such as 4.90 stay whole. */
function canPart(beforeThat: string, before: string, next: string): boolean {
  if (isIdeograph(before) || isIdeograph(next)) return !BREAKS_AFTER.test(next);
  if (!BREAKS_AFTER.test(before) || !BEGINS.test(next)) return false;
  return !(/[.,]/.test(before) && DIGIT.test(beforeThat) && DIGIT.test(next));
}

/** Chinese and Japanese have no blanks between words. */
const isIdeograph = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x2e80 && code <= 0xa4cf;
};

/** A blank, unless it leaves two thirds of the line empty and there is something later. */
function choose(blank: Chance | null, point: Chance | null, columns: number): Chance | null {
  if (!blank || !point) return blank ?? point;
  return blank.used * 3 >= columns || blank.at > point.at ? blank : point;
}

/** What of it is left in the line that begins there. */
const rest = (chance: Chance | null, begin: Chance): Chance | null =>
  chance && chance.at > begin.at ? { at: chance.at, used: chance.used - begin.used } : null;
