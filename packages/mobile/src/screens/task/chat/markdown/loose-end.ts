/**
 * What the end of a half-streamed text may still become is not shown yet: `**` begins bold words or is two stars, `-` begins
 * a list or is a dash, a line of cells is the head of a table once the line below it has come. Shown at once, it would
 * have to be taken back a moment later. Each pattern matches at the end of the text.
 */
const LOOSE: readonly RegExp[] = [
  // The head of a table, until the line that makes it one is whole.
  /(?<=^|\n[ \t]*\n)[ \t]*\|[^\n]*(?:\n[|:\- \t]*)?$/,
  // A line that so far only begins a list, a quote or a heading, underlines one, or divides.
  /(?<=^|\n)[ \t>]*(?:[-*+](?:[ \t]+(?:\[[ xX]?\]?)?)?|\d{1,9}[.)]?|#{1,6}|[-=*_]{1,}|>)[ \t]*$/,
  // The text of a link, whose address may follow.
  /(?<=\[[^\]\n]*)\]$/,
  // A picture, a link, a tag or a written character that has only just begun.
  /(?:!|!?\[|<\/?[a-z]{0,10}[ \t]?\/?|&#?[a-z0-9]{0,8})$/i,
  // Marks that open or close something, together or one at a time.
  /[*_~]+$/,
  /(?<!`)`{1,2}$/,
];

/** The text without the marks at its end of which nobody knows yet what they are. */
export function withoutLooseEnd(text: string): string {
  let shown = text;
  for (;;) {
    const before = shown;
    for (const pattern of LOOSE) shown = shown.replace(pattern, "");
    if (shown === before) return shown;
  }
}
