import { z } from "zod";
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
      return known.accessToken;
    },
  };
}

const Issued = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() });
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() });

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
    const issued = await askOAuth(Issued, baseUrl, "/oauth2/token", fields, {
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

export async function askOAuth<T>(
  schema: z.ZodType<T>,
  baseUrl: string,
  path: string,
  fields: Record<string, string>,
  { signal, userAgent }: { signal?: AbortSignal; userAgent?: string } = {},
): Promise<T> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(`${baseUrl}/api/auth${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
        ...(userAgent ? { "user-agent": userAgent } : {}),
      },
      body: new URLSearchParams(fields).toString(),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]),
    });
    const text = await answer.text();
    body = text === "" ? {} : parsed(text);
  } catch (cause) {
    throw signal?.aborted ? signal.reason : new UnreachableError(baseUrl, { cause });
  }
  const refusal = Refusal.safeParse(body);
  if (!answer.ok && refusal.success)
    throw new OAuthError(refusal.data.error, refusal.data.error_description ?? refusal.data.error);
  const good = schema.safeParse(body);
  if (answer.ok && good.success) return good.data;
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
