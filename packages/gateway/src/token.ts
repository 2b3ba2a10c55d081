export type TokenPlace = "bearer" | "api-key" | "basic";

/** The attempt token of a request, from the first of the given places that has one; null where none has. */
export function tokenOf(headers: Headers, places: readonly TokenPlace[]): string | null {
  for (const place of places) {
    const token = readers[place](headers);
    if (token !== null && token !== "") return token;
  }
  return null;
}

const readers: Record<TokenPlace, (headers: Headers) => string | null> = {
  bearer: (headers) => /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null,
  "api-key": (headers) => headers.get("x-api-key"),
  basic: (headers) => {
    const encoded = /^basic +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (encoded === undefined) return null;
    const decoded = Buffer.from(encoded, "base64").toString("utf8");
    const colon = decoded.indexOf(":");
    return colon === -1 ? null : decoded.slice(colon + 1);
  },
};
