import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { JOSEError } from "jose/errors";
import { z } from "zod";
import { ACCESS_TOKEN_ALGORITHM, API_AUDIENCE, GRANT_CLAIM } from "./tokens.ts";

const Claims = z.object({ sub: z.string().min(1), [GRANT_CLAIM]: z.string().min(1) });

export interface AccessTokenReader {
  /** Whose token it is and by which grant; null for every token that is not a good one of ours. */
  read(token: string): Promise<{ userId: string; grantId: string } | null>;
}

/** How long keys are taken as they were read. A token of a key that is not among them has them read again. */
const KEYS_KEEP_MS = 60_000;

/**
 * Reads access tokens. The algorithm, the issuer, the audience and the kind of token are ours to say: what the token
 * itself claims of them is only compared.
 */
export function createAccessTokenReader(options: {
  keys: () => Promise<JSONWebKeySet>;
  issuer: () => string;
  now: () => Date;
}): AccessTokenReader {
  let known: { keys: ReturnType<typeof createLocalJWKSet>; ids: Set<string>; readMs: number } | null = null;

  async function keysFor(keyId: string | undefined) {
    const nowMs = options.now().getTime();
    if (known && nowMs - known.readMs < KEYS_KEEP_MS && known.ids.has(keyId ?? "")) return known.keys;
    const set = await options.keys();
    const ids = new Set(set.keys.map(({ kid }) => kid ?? ""));
    known = { keys: createLocalJWKSet(set), ids, readMs: nowMs };
    return known.keys;
  }

  return {
    async read(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async (header, input) => (await keysFor(header.kid))(header, input),
          {
            algorithms: [ACCESS_TOKEN_ALGORITHM],
            issuer: options.issuer(),
            audience: API_AUDIENCE,
            typ: "at+jwt",
            requiredClaims: ["exp", "iat", "sub", GRANT_CLAIM],
            currentDate: options.now(),
          },
        );
        const claims = Claims.safeParse(payload);
        return claims.success ? { userId: claims.data.sub, grantId: claims.data[GRANT_CLAIM] } : null;
      } catch (error) {
        // A stranger's text may fail in any of these ways, and all mean the same.
        if (error instanceof JOSEError || error instanceof TypeError) return null;
        throw error;
      }
    },
  };
}
