import type { TokenSource } from "@farhand/client/app";
import { wantedPlace } from "./wanted-place.ts";

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
  const next = `next=${encodeURIComponent(wantedPlace() ?? "/")}`;
  location.assign(
    linkPath ? `${linkPath}&${next}` : provider ? `/sign-in/with/${provider}?${next}` : `/sign-in?${next}`,
  );
  return new Promise(() => undefined);
}

/**
 * Ends the browser's session. The cookie goes with the answer.
 * @throws where the server did not end it
 */
export async function signOutOf(_baseUrl: string): Promise<void> {
  const answer = await fetch("/sign-out", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    redirect: "manual",
  });
  // It leads to a page that says so, which is not of interest here.
  if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(`sign-out: ${answer.status}`);
}

/** The cookie is not within reach of scripts. */
export async function forgetSignIn(_baseUrl: string): Promise<void> {}
