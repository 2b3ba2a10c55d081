/** "$0.42"; less than a cent shows that something was spent all the same. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.01) return "< $0.01";
  return `$${usd.toFixed(usd < 100 ? 2 : 0)}`;
}

/** "940", "12k", "3.4M". */
export function tokens(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1_000_000) return `${Math.round(count / 1000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}
