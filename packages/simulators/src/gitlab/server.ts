import { randomBytes } from "node:crypto";
import { back, basicClient, Codes, consentPage, formOf, type OAuthApp } from "../oauth/codes.ts";

export type { OAuthApp } from "../oauth/codes.ts";

export interface GitLabUser {
  id: number;
  username: string;
  name: string;
  state: "active" | "blocked";
}

export interface GitLabProject {
  path_with_namespace: string;
  visibility: "private" | "internal" | "public";
  default_branch: string | null;
  /** Usernames. */
  members: string[];
  archived?: boolean;
  /** ISO 8601. */
  last_activity_at: string;
}

export interface GitLabSimulator {
  url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

const SCOPES = new Set(["read_user", "api", "read_api", "openid", "profile", "email"]);

/** Starts a stand-in for GitLab: sign-in by OAuth 2 with PKCE, `GET /api/v4/user`, and the list of one's projects. */
export async function startGitLabSimulator(options: {
  port?: number;
  apps: OAuthApp[];
  users: GitLabUser[];
  /** Personal access tokens with the scope `api`, and whose they are. */
  tokens?: Record<string, string>;
  projects?: GitLabProject[];
}): Promise<GitLabSimulator> {
  const codes = new Codes();
  const tokens = new Map<string, { username: string; scope: string }>();
  for (const [token, username] of Object.entries(options.tokens ?? {}))
    tokens.set(token, { username, scope: "api" });

  async function authorize(request: Request, url: URL): Promise<Response> {
    const asked = request.method === "POST" ? await formOf(request) : url.searchParams;
    const app = options.apps.find(({ clientId }) => clientId === asked.get("client_id"));
    const redirectUri = asked.get("redirect_uri");
    // GitLab leads nobody to an address that is not registered word for word.
    if (!app || redirectUri !== app.redirectUri)
      return new Response("The redirect URI included is not valid.", { status: 401 });
    const state = asked.get("state");
    const scope = asked.get("scope") ?? "";
    if (asked.get("response_type") !== "code")
      return back(redirectUri, { error: "unsupported_response_type", state });
    if (scope === "" || scope.split(" ").some((each) => !SCOPES.has(each)))
      return back(redirectUri, { error: "invalid_scope", state });
    const challenge = asked.get("code_challenge");
    if (challenge !== null && asked.get("code_challenge_method") !== "S256")
      return back(redirectUri, { error: "invalid_request", state });
    const names = options.users.map(({ username }) => username);
    if (request.method !== "POST") return consentPage("GitLab", names, asked);
    const login = asked.get("login") ?? "";
    if (!names.includes(login)) return back(redirectUri, { error: "access_denied", state });
    return back(redirectUri, {
      code: codes.issue({ clientId: app.clientId, redirectUri, scope, challenge, login }),
      state,
    });
  }

  async function token(request: Request): Promise<Response> {
    const form = await formOf(request);
    const given = basicClient(request) ?? {
      clientId: form.get("client_id") ?? "",
      clientSecret: form.get("client_secret") ?? "",
    };
    const app = options.apps.find(({ clientId }) => clientId === given.clientId);
    if (!app || app.clientSecret !== given.clientSecret)
      return refuse(401, "invalid_client", "Client authentication failed due to unknown client.");
    if (form.get("grant_type") !== "authorization_code")
      return refuse(400, "unsupported_grant_type", "The authorization grant type is not supported.");
    const taken = codes.take({
      code: form.get("code") ?? "",
      clientId: app.clientId,
      redirectUri: form.get("redirect_uri") ?? "",
      verifier: form.get("code_verifier"),
    });
    if (!taken)
      return refuse(400, "invalid_grant", "The provided authorization grant is invalid or expired.");
    const accessToken = randomBytes(32).toString("hex");
    tokens.set(accessToken, { username: taken.login, scope: taken.scope });
    return Response.json({
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: 7200,
      refresh_token: randomBytes(32).toString("hex"),
      scope: taken.scope,
      created_at: Math.floor(Date.now() / 1000),
    });
  }

  /** GitLab takes a token as Bearer, and in a header of its own. */
  function holderOf(request: Request) {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    return tokens.get(bearer ?? request.headers.get("private-token") ?? "");
  }

  function projects(request: Request, url: URL): Response {
    const held = holderOf(request);
    if (!held) return Response.json({ message: "401 Unauthorized" }, { status: 401 });
    if (!/\b(api|read_api)\b/.test(held.scope))
      return Response.json({ error: "insufficient_scope", scope: "api read_api" }, { status: 403 });
    const asked = url.searchParams;
    const size = Math.min(100, Number(asked.get("per_page") ?? 20));
    const number = Number(asked.get("page") ?? 1);
    const search = asked.get("search")?.toLowerCase() ?? "";
    // Without the flag, a search looks at the project's own name alone.
    const searched = ({ path_with_namespace: path }: GitLabProject) =>
      asked.get("search_namespaces") === "true" ? path : (path.split("/").at(-1) ?? "");
    const found = (options.projects ?? [])
      .filter(({ members, visibility }) =>
        asked.get("membership") === "true" ? members.includes(held.username) : visibility === "public",
      )
      .filter(({ archived = false }) => !asked.has("archived") || String(archived) === asked.get("archived"))
      .filter((project) => searched(project).toLowerCase().includes(search))
      .sort((a, b) => (a.last_activity_at < b.last_activity_at ? 1 : -1));
    const items = found.slice((number - 1) * size, number * size);
    const body = items.map(({ members: _, ...project }, index) => ({
      id: index + 1,
      ...project,
      archived: project.archived ?? false,
      http_url_to_repo: `${url.origin}/${project.path_with_namespace}.git`,
    }));
    const next = number * size < found.length ? String(number + 1) : "";
    return Response.json(body, { headers: { "x-next-page": next, "x-total": String(found.length) } });
  }

  function user(request: Request): Response {
    const held = holderOf(request);
    if (!held) return Response.json({ message: "401 Unauthorized" }, { status: 401 });
    if (!/\b(read_user|api|read_api)\b/.test(held.scope))
      return Response.json({ error: "insufficient_scope", scope: "api read_user" }, { status: 403 });
    const found = options.users.find(({ username }) => username === held.username);
    if (found?.state === "blocked")
      return Response.json({ message: "403 Forbidden - Your account has been blocked." }, { status: 403 });
    return Response.json({
      ...found,
      email: `${held.username}@gitlab.example`,
      web_url: "",
      avatar_url: null,
    });
  }

  const server = Bun.serve({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const url = new URL(request.url);
      if (url.pathname === "/oauth/authorize") return authorize(request, url);
      if (url.pathname === "/oauth/token" && request.method === "POST") return token(request);
      if (url.pathname === "/api/v4/user" && request.method === "GET") return user(request);
      if (url.pathname === "/api/v4/projects" && request.method === "GET") return projects(request, url);
      return Response.json({ error: "404 Not Found" }, { status: 404 });
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const refuse = (status: number, error: string, description: string) =>
  Response.json({ error, error_description: description }, { status });
