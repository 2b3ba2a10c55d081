import { ApiError, problem, UnreachableError } from "./api-error.ts";

/** Where a client has its tokens from. */
export interface TokenSource {
  /** One that is good for now. @throws ApiError `unauthorized` when the sign-in has ended */
  current(): Promise<string>;
  /** Another one, after the coordinator has refused this; null where there is none to be had. */
  renew(refused: string): Promise<string | null>;
}

export interface StoredTokens {
  accessToken: string;
  refreshToken: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** Where tokens are kept between runs. */
export interface TokenStore {
  load(): Promise<StoredTokens | null>;
  save(tokens: StoredTokens): Promise<void>;
  /**
   * Does the work while nobody else does any with these tokens, in this program or another: a refresh token that is
   * used twice ends the sign-in.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** A source with one token, which somebody else looks after. An empty one is none: a cookie stands for it. */
export const fixedToken = (token: string): TokenSource => ({
  current: async () => token,
  renew: async () => null,
});

export interface TokenSourceOptions {
  baseUrl: string;
  clientId: string;
  store: TokenStore;
  now?: () => number;
}

/** A token endpoint that is silent for this long is as good as away. Others wait for the answer meanwhile. */
const TIMEOUT_MS = 20_000;
/** A token this close to its end may not arrive in time. */
const MARGIN_MS = 30_000;

/** Keeps a sign-in going: refreshes its tokens when they are needed, once for all who wait for it. */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const now = options.now ?? Date.now;
  let known: StoredTokens | null = null;
  let underWay: Promise<StoredTokens> | null = null;

  const isGood = (tokens: StoredTokens, refused: string | null) =>
    tokens.accessToken !== refused && Date.parse(tokens.expiresAt) - now() > MARGIN_MS;

  function refreshed(refused: string | null): Promise<StoredTokens> {
    underWay ??= options.store
      .exclusively(async () => {
        // Another program may have refreshed them while this one waited for its turn.
        const stored = await options.store.load();
        if (!stored) throw signedOut(options.baseUrl);
        if (isGood(stored, refused)) return stored;
        const next = await tokensFor(options.baseUrl, {
          grant_type: "refresh_token",
          refresh_token: stored.refreshToken,
          client_id: options.clientId,
        });
        await options.store.save(next);
        return next;
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  }

  return {
    async current() {
      if (known === null || !isGood(known, null)) known = await refreshed(null);
      return known.accessToken;
    },
    async renew(refused) {
      known = await refreshed(refused);
      // Whoever began the one that was under way may not have known that this token is refused.
      if (known.accessToken === refused) known = await refreshed(refused);
      return known.accessToken;
    },
  };
}

interface Issued {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

function readIssued(body: unknown): Issued | null {
  const { access_token, refresh_token, expires_in } = fieldsOf(body);
  if (typeof access_token !== "string" || typeof refresh_token !== "string") return null;
  return typeof expires_in === "number" ? { access_token, refresh_token, expires_in } : null;
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
}

/** OAuth refused. `code` is OAuth's own word for why. */
export class OAuthError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "OAuthError";
    this.code = code;
  }
}

/** Asks OAuth's token endpoint. @throws OAuthError, ApiError, UnreachableError */
export async function tokensFor(
  baseUrl: string,
  fields: Record<string, string>,
  userAgent?: string,
): Promise<StoredTokens> {
  const asked = Date.now();
  try {
    const issued = await askOAuth(readIssued, baseUrl, "/oauth2/token", fields, {
      ...(userAgent ? { userAgent } : {}),
    });
    return {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token,
      expiresAt: new Date(asked + issued.expires_in * 1000).toISOString(),
    };
  } catch (error) {
    if (
      error instanceof OAuthError &&
      error.code === "invalid_grant" &&
      fields.grant_type === "refresh_token"
    )
      throw signedOut(baseUrl, error);
    throw error;
  }
}

/** @param read null for a body that is no such answer */
export async function askOAuth<T>(
  read: (body: unknown) => T | null,
  baseUrl: string,
  path: string,
  fields: Record<string, string>,
  { signal, userAgent }: { signal?: AbortSignal; userAgent?: string } = {},
): Promise<T> {
  let answer: Response;
  let body: unknown;
  // Neither AbortSignal.any nor AbortSignal.timeout is everywhere.
  const stop = new AbortController();
  const give = () => stop.abort();
  const timer = setTimeout(give, TIMEOUT_MS);
  signal?.addEventListener("abort", give, { once: true });
  if (signal?.aborted) give();
  try {
    answer = await fetch(`${baseUrl}/api/auth${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
        ...(userAgent ? { "user-agent": userAgent } : {}),
      },
      body: Object.entries(fields)
        .map((pair) => pair.map(encodeURIComponent).join("="))
        .join("&"),
      signal: stop.signal,
    });
    const text = await answer.text();
    body = text === "" ? {} : parsed(text);
  } catch (cause) {
    throw signal?.aborted ? signal.reason : new UnreachableError(baseUrl, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", give);
  }
  const { error, error_description } = fieldsOf(body);
  if (!answer.ok && typeof error === "string")
    throw new OAuthError(error, typeof error_description === "string" ? error_description : error);
  const good = answer.ok ? read(body) : null;
  if (good !== null) return good;
  throw new ApiError(
    problem(
      answer.status,
      answer.status === 429 ? "rate_limited" : "internal",
      answer.status === 429
        ? "There were too many attempts to sign in from here."
        : `${baseUrl} answered with status ${answer.status}, which makes no sense for signing in.`,
      answer.status === 429 ? "Wait a minute." : "Check that this is the coordinator's address.",
    ),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function signedOut(baseUrl: string, cause?: unknown): ApiError {
  return new ApiError(
    problem(
      401,
      "unauthorized",
      `The sign-in at ${baseUrl} has ended.`,
      `Sign in again: farhand login ${baseUrl}`,
    ),
    { cause },
  );
}
