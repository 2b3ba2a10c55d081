/** What a person has typed, pasted or scanned: a server, and where on it to begin. */
export interface ServerAddress {
  /** Without a path. */
  baseUrl: string;
  /** A one-time link's own path with its token, such as `/setup?token=…`; null for a bare address. */
  linkPath: string | null;
}

const LINK_PATHS = ["/setup", "/link", "/invite"];

/** Null for what is no address. Without a scheme it is https, and http for this machine and for bare IP addresses. */
export function parseServerAddress(given: string): ServerAddress | null {
  const text = given.trim();
  if (text === "" || /\s/.test(text)) return null;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${guessScheme(text)}://${text}`;
  if (!URL.canParse(withScheme)) return null;
  const url = new URL(withScheme);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  if (url.username !== "" || url.password !== "" || url.hostname === "") return null;
  const isLink = LINK_PATHS.includes(url.pathname) && url.searchParams.has("token");
  const token = url.searchParams.get("token") ?? "";
  return {
    baseUrl: url.origin,
    linkPath: isLink ? `${url.pathname}?token=${encodeURIComponent(token)}` : null,
  };
}

function guessScheme(text: string): "http" | "https" {
  return /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d+)?(\/|$)/i.test(text) ? "http" : "https";
}

/** Whether what goes there could be read on the way. */
export function isPlainHttp(baseUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  return (
    protocol === "http:" && hostname !== "localhost" && !hostname.startsWith("127.") && hostname !== "[::1]"
  );
}
