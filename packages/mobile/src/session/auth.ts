import type { TokenSource } from "@farhand/client/app";

/** A browser cannot be somebody else's client: the page is the server's own, and its cookie says who it is. */
export const SERVER_IS_FIXED = true;

/** The address that this page came from. */
export const homeServer = (): string | null => globalThis.location?.origin ?? null;

/** Null: the browser sends an httpOnly cookie, which no script can read. */
export const tokenFor = (_baseUrl: string): TokenSource | null => null;

export interface SignInRequest {
  baseUrl: string;
  /** Null for whatever the server's own page offers. */
  provider: string | null;
  /** A one-time link's path, which signs in by itself. */
  linkPath: string | null;
}

/**
 * Leaves this page for the server's own ones, which lead back here. It never returns with an answer.
 * @returns whether somebody is signed in now
 */
export async function signInWith({ provider, linkPath }: SignInRequest): Promise<boolean> {
  const here = encodeURIComponent("/");
  location.assign(
    linkPath ?? (provider ? `/sign-in/with/${provider}?next=${here}` : `/sign-in?next=${here}`),
  );
  return new Promise(() => undefined);
}

/** Ends the browser's session. The cookie goes with the answer. */
export async function signOutOf(_baseUrl: string): Promise<void> {
  await fetch("/sign-out", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    redirect: "manual",
  });
}
