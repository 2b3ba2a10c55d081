import { createHash, randomBytes } from "node:crypto";

/** A program that is registered with the service. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
}

interface Asked {
  clientId: string;
  redirectUri: string;
  scope: string;
  challenge: string | null;
  login: string;
}

export interface Exchange {
  code: string;
  clientId: string;
  redirectUri: string | null;
  verifier: string | null;
}

const LIFETIME_MS = 10 * 60_000;

/** Authorization codes: each holds once, for ten minutes, for who asked, where they asked, with their verifier. */
export class Codes {
  readonly #codes = new Map<string, Asked & { untilMs: number }>();

  issue(asked: Asked): string {
    const code = randomBytes(20).toString("hex");
    this.#codes.set(code, { ...asked, untilMs: Date.now() + LIFETIME_MS });
    return code;
  }

  /** @returns null for a code that is not good for this exchange; it is used up all the same */
  take({ code, clientId, redirectUri, verifier }: Exchange): { login: string; scope: string } | null {
    const asked = this.#codes.get(code);
    this.#codes.delete(code);
    if (!asked || asked.untilMs < Date.now() || asked.clientId !== clientId) return null;
    if (redirectUri !== null && redirectUri !== asked.redirectUri) return null;
    const challenge = verifier === null ? null : createHash("sha256").update(verifier).digest("base64url");
    return challenge === asked.challenge ? { login: asked.login, scope: asked.scope } : null;
  }
}

/** The page on which a person lets the program in. Whoever signs in there is chosen by name: it is a simulator. */
export function consentPage(service: string, logins: readonly string[], query: URLSearchParams): Response {
  const hidden = [...query]
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
    .join("");
  const buttons = logins
    .map(
      (login) =>
        `<p><button name="login" value="${escaped(login)}">Continue as ${escaped(login)}</button></p>`,
    )
    .join("");
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Authorize (${escaped(service)} simulator)</title>
<h1>${escaped(service)} simulator</h1><form method="post">${hidden}${buttons}<p><button name="login" value="">Cancel</button></p></form>`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function back(redirectUri: string, parameters: Record<string, string | null>): Response {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) url.searchParams.set(name, value);
  return new Response(null, { status: 302, headers: { location: url.href } });
}

export async function formOf(request: Request): Promise<URLSearchParams> {
  if (request.headers.get("content-type")?.startsWith("application/json")) {
    const body: unknown = await request.json().catch(() => null);
    const pairs = typeof body === "object" && body !== null ? Object.entries(body) : [];
    return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
  }
  return new URLSearchParams(await request.text());
}

/** `Authorization: Basic` of a client, as OAuth has it. */
export function basicClient(request: Request): { clientId: string; clientSecret: string } | null {
  const value = /^Basic (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (value === undefined) return null;
  const [clientId = "", clientSecret = ""] = Buffer.from(value, "base64").toString().split(":", 2);
  return { clientId: decodeURIComponent(clientId), clientSecret: decodeURIComponent(clientSecret) };
}
