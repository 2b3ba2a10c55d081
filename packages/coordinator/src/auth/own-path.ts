/** The page of those who are signed in, where there is no app. */
export const ACCOUNT_PAGE = "/signed-in";

/** Where a browser may be sent after it has signed in. */
const PLACES = ["/", "/new", ACCOUNT_PAGE, "/device", "/consent", "/api/auth/oauth2/authorize"];
/** The app's own, below which there are many. */
const FOLDERS = /^\/(task|settings)(\/|$)/;

/**
 * The path, if it is one of this server's own that somebody may be sent to, and else `home`: an address that a stranger
 * has put into a link leads nowhere else.
 */
export function ownPath(next: string | null | undefined, home: string = ACCOUNT_PAGE): string {
  if (!next?.startsWith("/") || next.length > 4000) return home;
  const base = "http://own.invalid";
  if (!URL.canParse(next, base)) return home;
  const url = new URL(next, base);
  // What the browser would make of it decides: `//host`, `/\host` and tabs in between name another server.
  if (url.origin !== base) return home;
  if (!PLACES.includes(url.pathname) && !FOLDERS.test(url.pathname)) return home;
  return `${url.pathname}${url.search}`;
}
