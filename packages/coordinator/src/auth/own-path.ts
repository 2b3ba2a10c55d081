/** Where a browser may be sent after it has signed in. */
const PLACES = ["/signed-in", "/device", "/consent", "/api/auth/oauth2/authorize"];

/**
 * The path, if it is one of this server's own that somebody may be sent to, and else the page of those who are signed
 * in: an address that a stranger has put into a link leads nowhere else.
 */
export function ownPath(next: string | null | undefined): string {
  const home = "/signed-in";
  if (!next?.startsWith("/") || next.length > 4000) return home;
  const base = "http://own.invalid";
  if (!URL.canParse(next, base)) return home;
  const url = new URL(next, base);
  // What the browser would make of it decides: `//host`, `/\host` and tabs in between name another server.
  if (url.origin !== base || !PLACES.includes(url.pathname)) return home;
  return `${url.pathname}${url.search}`;
}
