/** SHA-256 in hex. Enough for tokens, which are random and long; it would not be for passwords. */
export function hashToken(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("hex");
}
