import { createTokenSource, type StoredTokens, type TokenSource, tokensFor } from "@farhand/client/app";
import { AuthRequest, CodeChallengeMethod, ResponseType } from "expo-auth-session";
import { openAuthSessionAsync } from "expo-web-browser";
import type { SignInRequest } from "./auth.ts";
import { tokenStore } from "./token-store.native";

export const SERVER_IS_FIXED = false;

export const homeServer = (): string | null => null;

const CLIENT_ID = "farhand-app";
const REDIRECT_URI = "farhand://auth/callback";

/** One for each server, so that a refresh is done once for all who wait for it. */
const sources = new Map<string, TokenSource>();

export function tokenFor(baseUrl: string): TokenSource {
  let source = sources.get(baseUrl);
  if (!source) {
    source = createTokenSource({ baseUrl, clientId: CLIENT_ID, store: tokenStore(baseUrl) });
    sources.set(baseUrl, source);
  }
  return source;
}

/**
 * OAuth's authorization code with PKCE, in the system's browser: the app sees neither the password nor the provider.
 * @returns false when the person has turned back
 */
export async function signInWith({ baseUrl, provider, linkPath }: SignInRequest): Promise<boolean> {
  const request = new AuthRequest({
    clientId: CLIENT_ID,
    redirectUri: REDIRECT_URI,
    responseType: ResponseType.Code,
    usePKCE: true,
    codeChallengeMethod: CodeChallengeMethod.S256,
  });
  const authorize = await request.makeAuthUrlAsync({
    authorizationEndpoint: `${baseUrl}/api/auth/oauth2/authorize`,
  });
  const outcome = await openAuthSessionAsync(startOf(baseUrl, authorize, provider, linkPath), REDIRECT_URI);
  if (outcome.type !== "success") return false;
  const answer = new URL(outcome.url).searchParams;
  const code = answer.get("code");
  // An answer to a question that this app has not asked is none.
  if (!code || answer.get("state") !== request.state || !request.codeVerifier) return false;
  const tokens: StoredTokens = await tokensFor(baseUrl, {
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT_URI,
    client_id: CLIENT_ID,
    code_verifier: request.codeVerifier,
  });
  sources.delete(baseUrl);
  await tokenStore(baseUrl).save(tokens);
  return true;
}

/** Where the browser begins; from everywhere it comes to OAuth's own page at last. */
function startOf(
  baseUrl: string,
  authorize: string,
  provider: string | null,
  linkPath: string | null,
): string {
  const next = encodeURIComponent(authorize.slice(baseUrl.length));
  if (linkPath) return `${baseUrl}${linkPath}&next=${next}`;
  return provider ? `${baseUrl}/sign-in/with/${provider}?next=${next}` : authorize;
}

/** Ends the sign-in on the server, and forgets its tokens here whether the server answers or not. */
export async function signOutOf(baseUrl: string): Promise<void> {
  const tokens = await tokenStore(baseUrl).load();
  if (!tokens) return;
  const answer = await fetch(`${baseUrl}/api/auth/oauth2/revoke`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `token=${encodeURIComponent(tokens.refreshToken)}&client_id=${CLIENT_ID}`,
  });
  if (!answer.ok) throw new Error(`sign-out: ${answer.status}`);
}

/** Removes what this device has been signed in with. */
export async function forgetSignIn(baseUrl: string): Promise<void> {
  sources.delete(baseUrl);
  await tokenStore(baseUrl).clear();
}
