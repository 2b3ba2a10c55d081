import { AsyncLocalStorage } from "node:async_hooks";
import { z } from "zod";
import type { AuditLog } from "../domain/audit.ts";
import type { Peer } from "../domain/identity.ts";
import type { Clock } from "../domain/ports.ts";
import type { SessionStore } from "../domain/sign-in.ts";
import { ABSOLUTE_EXPIRY_SECONDS, API_AUDIENCE, hashOf } from "./tokens.ts";

export interface TokenEndpointOptions {
  sessions: SessionStore;
  audit: AuditLog;
  clock: Clock;
  newId: (prefix: string) => string;
  /** Told of each refresh token that is none of ours, or of a sign-in that has ended. */
  onFailed: (what: string, address: string | null) => Promise<void>;
  /** What the library makes of the request. */
  pass: (request: Request) => Promise<Response>;
}

export interface TokenEndpoint {
  token(request: Request, peer: Peer): Promise<Response>;
  revoke(request: Request, peer: Peer): Promise<Response>;
  device(request: Request): Promise<Response>;
  /** The grant that is being made by the request under way. */
  currentGrant(): string | undefined;
}

const Issued = z.object({ refresh_token: z.string() });
const REFRESH_PREFIX = "fhr_";
const FORM = "application/x-www-form-urlencoded";

/**
 * OAuth's token endpoint, with grants around it. The library knows tokens, and a person's clients: it would end every
 * sign-in of a person's command lines where one old token comes back. Here each sign-in is a grant of its own, which
 * is listed, ends on its day, and is ended alone.
 */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { sessions, audit, clock } = options;
  const making = new AsyncLocalStorage<string>();

  /** The last refresh of each grant that is under way. */
  const refreshes = new Map<string, Promise<unknown>>();

  /**
   * One after the other for each grant. The library would else find a token used up that was good when it was looked
   * at here, and end all of the person's sign-ins of that kind.
   */
  async function refresh(request: Request, form: URLSearchParams, peer: Peer): Promise<Response> {
    const hash = hashOfRefreshToken(form.get("refresh_token") ?? "");
    const key = (await sessions.grantOf(hash))?.grantId ?? "";
    const mine = (refreshes.get(key) ?? Promise.resolve()).then(() => refreshNow(hash, request, form, peer));
    const settled = mine.catch(() => undefined);
    refreshes.set(key, settled);
    try {
      return await mine;
    } finally {
      if (refreshes.get(key) === settled) refreshes.delete(key);
    }
  }

  async function refreshNow(
    hash: string,
    request: Request,
    form: URLSearchParams,
    peer: Peer,
  ): Promise<Response> {
    const found = await sessions.grantOf(hash);
    if (found?.grantId && found.isUsedUp) {
      await sessions.revoke(found.userId, found.grantId);
      await audit.record({
        userId: found.userId,
        action: "sign_in.token_reused",
        subject: found.grantId,
        address: peer.address,
        detail: "a refresh token came a second time, so that device was signed out",
      });
      return refusal("invalid_grant", "This refresh token was used before. Sign in again.");
    }
    if (!found?.grantId || (await sessions.get(found.grantId)) === null) {
      await options.onFailed("refresh token", peer.address);
      return refusal("invalid_grant", "This sign-in has ended. Sign in again.");
    }
    const answer = await options.pass(copyOf(request, form));
    if (answer.ok) await sessions.grantUsed(found.grantId);
    return answer;
  }

  async function begin(request: Request, form: URLSearchParams, peer: Peer): Promise<Response> {
    const id = options.newId("g_");
    const answer = await making.run(id, () => options.pass(copyOf(request, form)));
    if (!answer.ok) {
      // A code that came a second time takes back the tokens that came of it, and so their sign-in.
      if (form.get("grant_type") === "authorization_code") await sessions.sweep();
      return answer;
    }
    const issued = Issued.safeParse(await answer.clone().json());
    // A client that cannot come back for more has no session to list: its one token ends as if it were revoked.
    if (!issued.success) return answer;
    const hash = hashOfRefreshToken(issued.data.refresh_token);
    const made = await sessions.grantOf(hash);
    if (!made) return refusal("server_error", "The sign-in could not be kept. Try again.", 500);
    const now = clock.now().getTime();
    await sessions.addGrant(
      {
        id,
        userId: made.userId,
        clientId: form.get("client_id") ?? "",
        label: (request.headers.get("user-agent") ?? "").slice(0, 200),
        address: peer.address,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + ABSOLUTE_EXPIRY_SECONDS * 1000).toISOString(),
      },
      hash,
    );
    await audit.record({
      userId: made.userId,
      action: "sign_in.succeeded",
      subject: id,
      address: peer.address,
      detail: form.get("client_id") ?? "",
    });
    return answer;
  }

  return {
    currentGrant: () => making.getStore(),

    async token(request, peer) {
      const form = await formOf(request);
      if (!form) return refusal("invalid_request", `Send a form (${FORM}) in which no field comes twice.`);
      return form.get("grant_type") === "refresh_token"
        ? refresh(request, form, peer)
        : begin(request, form, peer);
    },

    async revoke(request, peer) {
      const form = await formOf(request);
      if (!form) return refusal("invalid_request", `Send a form (${FORM}) in which no field comes twice.`);
      const found = await sessions.grantOf(hashOfRefreshToken(form.get("token") ?? ""));
      if (found?.grantId && (await sessions.revoke(found.userId, found.grantId)))
        await audit.record({
          userId: found.userId,
          action: "session.ended",
          subject: found.grantId,
          address: peer.address,
          detail: "signed out",
        });
      // RFC 7009: whoever asks is not told whether there was such a token.
      return new Response(null, { status: 200, headers: { "cache-control": "no-store" } });
    },

    async device(request) {
      const form = await formOf(request);
      if (!form) return refusal("invalid_request", `Send a form (${FORM}) in which no field comes twice.`);
      // Whom a code is for is said by who approves it.
      form.delete("user_id");
      form.set("resource", API_AUDIENCE);
      form.set("scope", "offline_access");
      return options.pass(copyOf(request, form));
    },
  };
}

const hashOfRefreshToken = (token: string) =>
  hashOf(token.startsWith(REFRESH_PREFIX) ? token.slice(REFRESH_PREFIX.length) : token);

/** Null for anything but a form, and for one that says something twice: two readers might choose differently. */
async function formOf(request: Request): Promise<URLSearchParams | null> {
  if (request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() !== FORM) return null;
  const form = new URLSearchParams(await request.text());
  return new Set(form.keys()).size === [...form.keys()].length ? form : null;
}

function copyOf(request: Request, form: URLSearchParams): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  // Clients of this kind have no cookies: were any taken into account, a web page could act with a person's.
  headers.delete("cookie");
  return new Request(request.url, { method: request.method, headers, body: form.toString() });
}

function refusal(error: string, description: string, status = 400): Response {
  return Response.json(
    { error, error_description: description },
    { status, headers: { "cache-control": "no-store" } },
  );
}
