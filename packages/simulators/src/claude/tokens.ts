/** A stable rough count: about four bytes of UTF-8 to a token. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
