/**
 * A random UUID (version 4). Browsers give `crypto.randomUUID` to secure pages alone, and a server at home is often reached
 * by plain http. @throws Error where there is no source of randomness, as on bare React Native: pass `newId` there
 */
export function randomId(): string {
  const source = (globalThis as { crypto?: Partial<Crypto> }).crypto;
  if (source?.randomUUID) return source.randomUUID();
  if (!source?.getRandomValues) throw new Error("there is no source of random ids here: pass newId");
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
