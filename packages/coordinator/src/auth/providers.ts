import type { GenericOAuthConfig } from "better-auth/plugins";
import { z } from "zod";
import { hashOf } from "./tokens.ts";

export interface ProviderClient {
  clientId: string;
  clientSecret: string;
}

/** Where people may sign in. Null where the server's owner has set none up. */
export interface ProviderSettings {
  github: (ProviderClient & { webUrl: string; apiUrl: string }) | null;
  gitlab: (ProviderClient & { webUrl: string }) | null;
  /** Any OpenID Connect provider, found by its issuer. */
  oidc: (ProviderClient & { issuer: string; name: string }) | null;
}

/** What a provider says of a person. */
interface Profile {
  id: string;
  login: string;
  name: string;
}

const REQUEST_TIMEOUT_MS = 10_000;
const DISCOVERY_TIMEOUT_MS = 5_000;

export function providerNames(settings: ProviderSettings): { id: string; name: string }[] {
  return [
    ...(settings.github ? [{ id: "github", name: "GitHub" }] : []),
    ...(settings.gitlab ? [{ id: "gitlab", name: "GitLab" }] : []),
    ...(settings.oidc ? [{ id: "oidc", name: settings.oidc.name }] : []),
  ];
}

/** The providers that can be used now. An OpenID Connect provider that does not answer is left out. */
export async function providerConfigs(settings: ProviderSettings): Promise<GenericOAuthConfig[]> {
  const { github, gitlab, oidc } = settings;
  const configs: GenericOAuthConfig[] = [];
  if (github)
    configs.push({
      ...shared("github", github),
      authorizationUrl: `${github.webUrl}/login/oauth/authorize`,
      tokenUrl: `${github.webUrl}/login/oauth/access_token`,
      // Without a scope the token can read what is public, which is all that is asked of it.
      getUserInfo: ({ accessToken }) =>
        profileOf(accessToken, (token) => githubProfile(github.apiUrl, token)),
    });
  if (gitlab)
    configs.push({
      ...shared("gitlab", gitlab),
      authorizationUrl: `${gitlab.webUrl}/oauth/authorize`,
      tokenUrl: `${gitlab.webUrl}/oauth/token`,
      scopes: ["read_user"],
      getUserInfo: ({ accessToken }) =>
        profileOf(accessToken, (token) => gitlabProfile(gitlab.webUrl, token)),
    });
  if (oidc) {
    const discovered = await discover(oidc.issuer);
    if (discovered)
      configs.push({
        ...shared("oidc", oidc),
        name: oidc.name,
        discoveryUrl: discovered.url,
        requireIdTokenVerification: true,
        scopes: ["openid", "profile"],
        authentication: discovered.authentication,
      });
  }
  return configs;
}

function shared(id: string, { clientId, clientSecret }: ProviderClient) {
  return {
    providerId: id,
    clientId,
    clientSecret,
    pkce: true,
    mapProfileToUser: (profile: object) => userOf(id, profile),
  };
}

const Claims = z.object({
  sub: z.string().optional(),
  id: z.string().optional(),
  login: z.string().optional(),
  preferred_username: z.string().optional(),
  nickname: z.string().optional(),
  name: z.string().nullish(),
});

/**
 * A person is who the provider's own id says. Mail addresses are not kept, and join nobody to anybody: the library
 * wants one, so it gets one that cannot be.
 */
function userOf(provider: string, profile: object) {
  const claims = Claims.parse(profile);
  const id = claims.id ?? claims.sub ?? "";
  const names = [claims.login, claims.preferred_username, claims.nickname, claims.name];
  const login = names.map((name) => plainLogin(name ?? "")).find((it) => it !== "") ?? "person";
  return {
    name: (claims.name ?? "").slice(0, 100) || login,
    email: `${provider}-${hashOf(id).slice(0, 32)}@users.invalid`,
    emailVerified: true,
    login,
  };
}

/** In the letters of whatever script; what would only confuse in a line of text is left out. */
const plainLogin = (login: string) =>
  login
    .normalize("NFKC")
    .trim()
    .replace(/\s+/gu, "-")
    .replace(/[^\p{Letter}\p{Mark}\p{Number}_.@-]/gu, "")
    .slice(0, 60);

async function profileOf(accessToken: string | undefined, ask: (token: string) => Promise<Profile | null>) {
  // GitHub refuses a code with status 200 and no token in the answer.
  const profile = accessToken ? await ask(accessToken) : null;
  return profile && { ...profile, emailVerified: true };
}

const GitHubUser = z.object({ id: z.number(), login: z.string(), name: z.string().nullish() });

async function githubProfile(apiUrl: string, token: string): Promise<Profile | null> {
  const user = await ask(GitHubUser, `${apiUrl}/user`, token);
  return user && { id: String(user.id), login: user.login, name: user.name ?? "" };
}

const GitLabUser = z.object({
  id: z.number(),
  username: z.string(),
  name: z.string().nullish(),
  state: z.string(),
});

async function gitlabProfile(webUrl: string, token: string): Promise<Profile | null> {
  const user = await ask(GitLabUser, `${webUrl}/api/v4/user`, token);
  // One that is blocked there does not come in here.
  if (user?.state !== "active") return null;
  return { id: String(user.id), login: user.username, name: user.name ?? "" };
}

async function ask<T>(schema: z.ZodType<T>, url: string, token: string): Promise<T | null> {
  try {
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "farhand" },
      redirect: "error",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return answer.ok ? schema.parse(await answer.json()) : null;
  } catch {
    // Whatever it was, nobody was named: the person is told that the provider did not say who they are.
    return null;
  }
}

const Discovery = z.object({
  issuer: z.string(),
  token_endpoint_auth_methods_supported: z.array(z.string()).default(["client_secret_basic"]),
});

/**
 * Asks the provider for its own description. The library would ask as well, but wait without an end, and take one that
 * another issuer has written.
 */
async function discover(issuer: string): Promise<{ url: string; authentication: "basic" | "post" } | null> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) });
    const found = Discovery.parse(await answer.json());
    if (found.issuer.replace(/\/$/, "") !== issuer.replace(/\/$/, "")) return null;
    const isBasic = found.token_endpoint_auth_methods_supported.includes("client_secret_basic");
    return { url, authentication: isBasic ? "basic" : "post" };
  } catch {
    return null;
  }
}
