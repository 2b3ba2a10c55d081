import { oauthDeviceAuthorization, oauthProvider } from "@better-auth/oauth-provider";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { APIError, isAPIError } from "better-auth/api";
import { type GenericOAuthConfig, genericOAuth, jwt } from "better-auth/plugins";
import type { Role } from "../domain/identity.ts";
import { openSession } from "./open-session.ts";
import { tables } from "./tables.ts";
import {
  ABSOLUTE_EXPIRY_SECONDS,
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_SECONDS,
  API_AUDIENCE,
  GRANT_CLAIM,
  hashOf,
  IDLE_EXPIRY_SECONDS,
} from "./tokens.ts";

/** Below this path the library answers. */
export const BASE_PATH = "/api/auth";
/** The header in which the library finds the address that our own server has seen. */
export const ADDRESS_HEADER = "x-farhand-address";
export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** The clients that there are. Both are public: neither can keep a secret. */
export const CLIENTS = [
  {
    clientId: "farhand-app",
    name: "Farhand app",
    redirectUris: ["farhand://auth/callback"],
    grantTypes: ["authorization_code", "refresh_token"],
    applicationType: "native",
  },
  {
    clientId: "farhand-cli",
    name: "Farhand command line",
    redirectUris: [],
    grantTypes: [DEVICE_GRANT, "refresh_token"],
    applicationType: "native",
  },
] as const;

export interface LibraryOptions {
  database: NonNullable<BetterAuthOptions["database"]>;
  secret: string;
  /** Origin of the server's address. */
  baseUrl: string;
  providers: GenericOAuthConfig[];
  /** How long the answer to a refresh can be had again. */
  refreshRepeatSeconds: number;
  devicePollSeconds: number;
  newId: (prefix: string) => string;
  /** The grant that the token is issued for which is asked for just now, when it is the grant's first. */
  currentGrant: () => string | undefined;
  /** Whether this person may join. @returns the account that they get; null for everybody who is not invited */
  admit: (person: {
    id: string;
    provider: string;
    login: string;
    name: string;
    headers: Headers | null;
  }) => Promise<{ role: Role } | null>;
  /** What the provider calls the person whom it has just sent back. */
  onProfile: (login: string) => void;
  /** A person has an account at a provider from now on. */
  onAccount: (account: { userId: string; provider: string }) => Promise<void>;
  onSession: (session: { id: string; userId: string; address: string | null }) => Promise<void>;
  log: (level: string, message: string) => void;
}

export type Library = ReturnType<typeof createLibrary>;

const named = <T extends keyof typeof tables>(name: T) => ({ modelName: tables[name] });

/** better-auth, as this server uses it. It is rebuilt from its settings alone and keeps nothing but in the database. */
export function createLibrary(options: LibraryOptions) {
  const { baseUrl } = options;
  return betterAuth({
    appName: "Farhand",
    baseURL: baseUrl,
    basePath: BASE_PATH,
    secret: options.secret,
    database: options.database,
    telemetry: { enabled: false },
    // Rates are ours to limit, before any of this is asked.
    rateLimit: { enabled: false },
    logger: { level: "warn", log: (level, message) => options.log(level, message) },
    onAPIError: {
      errorURL: "/sign-in",
      // A refusal is an answer like another. Of what went wrong the name is enough: the rest may quote what was sent.
      onError: (error) => {
        if (!isAPIError(error)) options.log("error", error instanceof Error ? error.name : "unknown error");
      },
    },
    trustedOrigins: [baseUrl],
    advanced: {
      cookiePrefix: "farhand",
      useSecureCookies: baseUrl.startsWith("https:"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/" },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: {
        generateId: ({ model }) => options.newId(model === "user" ? "u_" : model === "session" ? "s_" : "a_"),
      },
    },
    user: {
      ...named("user"),
      additionalFields: { login: { type: "string", required: false, input: true, returned: false } },
    },
    session: {
      ...named("session"),
      expiresIn: ABSOLUTE_EXPIRY_SECONDS,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    account: {
      ...named("account"),
      updateAccountOnSignIn: false,
      storeStateStrategy: "cookie",
      // Two accounts become one only when somebody who is signed in asks for it.
      accountLinking: {
        enabled: true,
        disableImplicitLinking: true,
        allowDifferentEmails: true,
        trustedProviders: options.providers.map(({ providerId }) => providerId),
      },
    },
    verification: named("verification"),
    databaseHooks: {
      user: {
        create: {
          async before(user, context) {
            const provider = context?.params?.id;
            const id = options.newId("u_");
            const login = "login" in user && typeof user.login === "string" ? user.login : "";
            const headers = context?.headers ?? context?.request?.headers ?? null;
            const isAdmitted =
              typeof provider === "string" &&
              (await options.admit({ id, provider, login, name: user.name, headers })) !== null;
            if (!isAdmitted) throw new APIError("FORBIDDEN", { code: "not_invited", message: "not invited" });
            return { data: { ...user, id } };
          },
        },
      },
      account: {
        create: {
          // Who they are is all that we want to know of the provider: its tokens are not kept.
          before: async (account) => ({
            data: {
              ...account,
              accessToken: null,
              refreshToken: null,
              idToken: null,
              accessTokenExpiresAt: null,
              refreshTokenExpiresAt: null,
              scope: null,
            },
          }),
          after: ({ userId, providerId }) => options.onAccount({ userId, provider: providerId }),
        },
        update: {
          before: async () => false,
        },
      },
      session: {
        create: {
          after: async ({ id, userId, ipAddress }) =>
            options.onSession({ id, userId, address: ipAddress || null }),
        },
      },
    },
    plugins: [
      jwt({
        disableSettingJwtHeader: true,
        schema: { jwks: named("jwks") },
        jwks: { keyPairConfig: { alg: ACCESS_TOKEN_ALGORITHM, crv: "Ed25519" } },
        jwt: { issuer: baseUrl, audience: API_AUDIENCE, expirationTime: `${ACCESS_TOKEN_SECONDS}s` },
      }),
      genericOAuth({
        config: options.providers.map((provider) => ({
          ...provider,
          async mapProfileToUser(profile) {
            const user = (await provider.mapProfileToUser?.(profile)) ?? {};
            options.onProfile("login" in user && typeof user.login === "string" ? user.login : "");
            return user;
          },
        })),
      }),
      oauthProvider({
        loginPage: "/sign-in",
        consentPage: "/consent",
        scopes: ["offline_access"],
        resources: [API_AUDIENCE],
        enforcePerClientResources: false,
        grantTypes: ["authorization_code", "refresh_token"],
        cachedTrustedClients: new Set<string>(CLIENTS.map(({ clientId }) => clientId)),
        accessTokenExpiresIn: ACCESS_TOKEN_SECONDS,
        refreshTokenExpiresIn: IDLE_EXPIRY_SECONDS,
        refreshTokenReuseInterval: options.refreshRepeatSeconds,
        codeExpiresIn: 60,
        prefix: { refreshToken: "fhr_" },
        storeTokens: { hash: async (token) => hashOf(token) },
        customAccessTokenClaims: ({ referenceId }) => ({
          [GRANT_CLAIM]: referenceId ?? options.currentGrant(),
        }),
        schema: {
          oauthClient: named("oauthClient"),
          oauthResource: named("oauthResource"),
          oauthClientResource: named("oauthClientResource"),
          oauthRefreshToken: named("oauthRefreshToken"),
          oauthAccessToken: named("oauthAccessToken"),
          oauthConsent: named("oauthConsent"),
          oauthClientAssertion: named("oauthClientAssertion"),
        },
        silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
      }),
      oauthDeviceAuthorization({
        verificationUri: `${baseUrl}/device`,
        expiresIn: "10m",
        interval: `${options.devicePollSeconds}s`,
        schema: { deviceCode: named("deviceCode") },
      }),
      openSession,
    ],
  });
}
