import { type Backoff, DEFAULT_BACKOFF } from "./backoff.ts";
import { readLightly } from "./light-answers.ts";
import { randomId } from "./random-id.ts";
import { createRest } from "./rest.ts";
import { createRestApi, type RestApi } from "./rest-api.ts";
import { fixedToken, type TokenSource } from "./token-source.ts";

export interface AppClientOptions {
  /** Such as `https://farhand.example.com`, without a path. */
  baseUrl: string;
  /** One that stays, where to get one that is good for now, or null in a web page: its browser sends a cookie. */
  token: string | TokenSource | null;
  newId?: () => string;
  /** How often a change is asked for again when nobody answers. 3 by default. */
  retries?: number;
  backoff?: Backoff;
}

/** Typed REST for the app. It reads answers lightly, so that a newer server's answers are still answers. */
export function createAppClient(options: AppClientOptions): RestApi {
  return createRestApi(
    createRest({
      baseUrl: trimmed(options.baseUrl),
      token: sourceOf(options.token),
      readAnswer: readLightly,
      newId: options.newId ?? randomId,
      retries: options.retries ?? 3,
      backoff: options.backoff ?? DEFAULT_BACKOFF,
    }),
  );
}

export const trimmed = (baseUrl: string): string => baseUrl.replace(/\/+$/, "");

export const sourceOf = (token: string | TokenSource | null): TokenSource =>
  typeof token === "object" && token !== null ? token : fixedToken(token ?? "");
