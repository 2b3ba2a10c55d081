import { createHash, randomBytes } from "node:crypto";

/** SHA-256 in hex: what is kept of a token that is random and long. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

/** 256 random bits in characters that need no escape in a URL. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** The resource that access tokens are for. Each server signs with keys of its own, so the name may be the same. */
export const API_AUDIENCE = "urn:farhand:api";

/** The claim that names the grant, by which a token can be taken back before it expires. */
export const GRANT_CLAIM = "farhand_grant";

/** The algorithm of access tokens; one that says another is refused, whatever its signature. */
export const ACCESS_TOKEN_ALGORITHM = "EdDSA";

export const ACCESS_TOKEN_SECONDS = 10 * 60;

const DAY = 24 * 60 * 60;
/** After this long everybody signs in anew, however often they were there. */
export const ABSOLUTE_EXPIRY_SECONDS = 90 * DAY;
/** An app or a command line that was not used for this long signs in anew. */
export const IDLE_EXPIRY_SECONDS = 30 * DAY;
export const INVITE_SECONDS = 7 * DAY;
export const SETUP_LINK_SECONDS = 60 * 60;
export const SIGN_IN_LINK_SECONDS = 5 * 60;
/** Long enough that it can be sent to somebody. */
export const MEMBER_LINK_SECONDS = DAY;
/** For this long a refresh that was asked for twice, because its answer was lost, is answered with the same tokens. */
export const REFRESH_REPEAT_SECONDS = 15;
