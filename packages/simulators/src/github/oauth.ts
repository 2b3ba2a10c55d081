import { randomBytes } from "node:crypto";
import { back, Codes, consentPage, formOf, type OAuthApp } from "../oauth/codes.ts";

/**
 * GitHub's web application flow. Source: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export class GitHubOAuth {
  readonly #apps: readonly OAuthApp[];
  readonly #logins: readonly string[];
  /** Token → login, which the REST API reads as well. */
  readonly #tokens: Record<string, string>;
  readonly #scopes = new Map<string, string>();
  readonly #codes = new Codes();

  constructor(apps: readonly OAuthApp[], logins: readonly string[], tokens: Record<string, string>) {
    this.#apps = apps;
    this.#logins = logins;
    this.#tokens = tokens;
  }

  /** Null for an address that is none of these. */
  async answer(request: Request): Promise<Response | null> {
    const url = new URL(request.url);
    if (url.pathname === "/login/oauth/authorize") return this.#authorize(request, url);
    if (url.pathname === "/login/oauth/access_token") return this.#token(request);
    return null;
  }

  scopeOf(authorization: string | null): string {
    return this.#scopes.get(authorization?.split(" ")[1] ?? "") ?? "";
  }

  async #authorize(request: Request, url: URL): Promise<Response> {
    const asked = request.method === "POST" ? await formOf(request) : url.searchParams;
    const app = this.#apps.find(({ clientId }) => clientId === asked.get("client_id"));
    if (!app) return new Response("Not Found", { status: 404 });
    const state = asked.get("state");
    const redirectUri = asked.get("redirect_uri") ?? app.redirectUri;
    if (!isBelow(redirectUri, app.redirectUri))
      return back(app.redirectUri, {
        error: "redirect_uri_mismatch",
        error_description: "The redirect_uri is not associated with this application.",
        state,
      });
    const challenge = asked.get("code_challenge");
    if (challenge !== null && asked.get("code_challenge_method") !== "S256")
      return new Response("code_challenge_method must be S256", { status: 400 });
    if (request.method !== "POST") return consentPage("GitHub", this.#logins, asked);
    const login = asked.get("login") ?? "";
    if (!this.#logins.includes(login))
      return back(redirectUri, {
        error: "access_denied",
        error_description: "The user has denied your application access.",
        state,
      });
    const scope = asked.get("scope") ?? "";
    const code = this.#codes.issue({ clientId: app.clientId, redirectUri, scope, challenge, login });
    return back(redirectUri, { code, state });
  }

  async #token(request: Request): Promise<Response> {
    if (request.method !== "POST") return new Response("Not Found", { status: 404 });
    const form = await formOf(request);
    const app = this.#apps.find(({ clientId }) => clientId === form.get("client_id"));
    if (!app) return new Response("Not Found", { status: 404 });
    if (app.clientSecret !== form.get("client_secret"))
      return answer(request, {
        error: "incorrect_client_credentials",
        error_description: "The client_id and/or client_secret passed are incorrect.",
      });
    const taken = this.#codes.take({
      code: form.get("code") ?? "",
      clientId: app.clientId,
      redirectUri: form.get("redirect_uri"),
      verifier: form.get("code_verifier"),
    });
    if (!taken)
      return answer(request, {
        error: "bad_verification_code",
        error_description: "The code passed is incorrect or expired.",
      });
    const token = `gho_${randomBytes(18).toString("hex")}`;
    this.#tokens[token] = taken.login;
    this.#scopes.set(token, taken.scope);
    return answer(request, { access_token: token, scope: taken.scope, token_type: "bearer" });
  }
}

/** Refusals as well have status 200, and the form is the default. */
function answer(request: Request, fields: Record<string, string>): Response {
  if (request.headers.get("accept")?.includes("application/json")) return Response.json(fields);
  return new Response(new URLSearchParams(fields).toString(), {
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
  });
}

/** The same host and port, and a path at or below the registered one. */
function isBelow(uri: string, registered: string): boolean {
  if (!URL.canParse(uri)) return false;
  const [given, known] = [new URL(uri), new URL(registered)];
  const isInside = given.pathname === known.pathname || given.pathname.startsWith(`${known.pathname}/`);
  return given.origin === known.origin && isInside;
}
