import { Hono } from "hono";
import type { BlankSchema } from "hono/types";
import { branchesOf } from "./git.ts";
import { badCredentials, GitHubError, notFound, requiresAuthentication } from "./github-error.ts";
import { identify, loginOf } from "./identity.ts";
import type { GitHubOAuth } from "./oauth.ts";
import { listPulls, openPull, updatePull } from "./pulls.ts";
import type { Resources } from "./resources.ts";
import { mayWrite, type PullRequest, type Repository, type Store } from "./store.ts";

type Env = { Variables: { login: string | null } };

const RATE_LIMIT = 5_000;

/** GitHub's REST API, as far as Farhand needs it. */
export function restApi(
  basePath: string,
  store: Store,
  resources: () => Resources,
  tokens: Readonly<Record<string, string>>,
  oauth: GitHubOAuth,
): Hono<Env, BlankSchema, string> {
  const api = new Hono<Env>().basePath(basePath);
  let used = 0;

  api.use(async (context, next) => {
    used += 1;
    context.header("x-github-request-id", crypto.randomUUID().toUpperCase());
    context.header("x-github-media-type", "github.v3; format=json");
    context.header("x-ratelimit-limit", String(RATE_LIMIT));
    context.header("x-ratelimit-remaining", String(Math.max(0, RATE_LIMIT - used)));
    context.header("x-ratelimit-used", String(used));
    context.header("x-ratelimit-reset", String(Math.ceil(Date.now() / 3_600_000) * 3_600));
    context.header("x-ratelimit-resource", "core");
    if (!context.req.header("user-agent")) {
      return context.text(
        "Request forbidden by administrative rules. Please send a User-Agent header.\n",
        403,
      );
    }
    const identity = identify(context.req.header("authorization") ?? null, tokens);
    if (identity.kind === "rejected") throw badCredentials();
    context.set("login", loginOf(identity));
    return await next();
  });

  const repositoryOf = (owner: string, name: string, login: string | null): Repository => {
    const found = store.visible(owner, name, login);
    if (found === null) throw notFound("/repos/repos#get-a-repository");
    return found;
  };
  const pullOf = (repository: Repository, number: string): PullRequest => {
    const found = repository.pulls.find((pull) => String(pull.number) === number);
    if (found === undefined) throw notFound("/pulls/pulls#get-a-pull-request");
    return found;
  };
  const writer = (repository: Repository, login: string | null): string => {
    if (login === null) throw requiresAuthentication();
    if (!mayWrite(repository, login))
      throw new GitHubError(403, "Resource not accessible by personal access token");
    return login;
  };

  api.get("/user", (context) => {
    const login = context.get("login");
    if (login === null) throw requiresAuthentication();
    return context.json(resources().user(login));
  });

  api.get("/user/emails", (context) => {
    const login = context.get("login");
    if (login === null) throw requiresAuthentication();
    const scopes = oauth.scopeOf(context.req.header("authorization") ?? null).split(/[ ,]+/);
    if (!scopes.includes("user:email") && !scopes.includes("user")) throw notFound("/users/emails");
    const email = `${login}@users.noreply.github.example`;
    return context.json([{ email, primary: true, verified: true, visibility: null }]);
  });

  api.get("/user/repos", (context) => {
    const login = context.get("login");
    if (login === null) throw requiresAuthentication();
    const url = new URL(context.req.url);
    const sort = url.searchParams.get("sort") ?? "full_name";
    if (!["created", "updated", "pushed", "full_name"].includes(sort))
      throw new GitHubError(422, "Validation Failed", { documentation: "/repos/repos" });
    if (sort !== "pushed")
      throw new GitHubError(500, `simulator: only sort=pushed is simulated, not ${sort}`);
    const { items, link } = page(store.ofLogin(login), url);
    if (link !== null) context.header("link", link);
    return context.json(items.map((repository) => resources().repository(repository, login)));
  });

  api.get("/repos/:owner/:name", (context) => {
    const { owner, name } = context.req.param();
    const login = context.get("login");
    return context.json(resources().repository(repositoryOf(owner, name, login), login));
  });

  api.get("/repos/:owner/:name/branches", async (context) => {
    const { owner, name } = context.req.param();
    const repository = repositoryOf(owner, name, context.get("login"));
    const branches = await branchesOf(repository.path);
    const { items, link } = page(branches, new URL(context.req.url));
    if (link !== null) context.header("link", link);
    return context.json(items.map((branch) => resources().branch(repository, branch)));
  });

  api.get("/repos/:owner/:name/branches/:branch{.+}", async (context) => {
    const { owner, name, branch } = context.req.param();
    const repository = repositoryOf(owner, name, context.get("login"));
    const found = (await branchesOf(repository.path)).find((candidate) => candidate.name === branch);
    if (found === undefined) {
      throw new GitHubError(404, "Branch not found", { documentation: "/branches/branches#get-a-branch" });
    }
    return context.json(resources().branch(repository, found));
  });

  api.get("/repos/:owner/:name/pulls", async (context) => {
    const { owner, name } = context.req.param();
    const login = context.get("login");
    const repository = repositoryOf(owner, name, login);
    const url = new URL(context.req.url);
    const { items, link } = page(listPulls(repository, url.searchParams), url);
    if (link !== null) context.header("link", link);
    return context.json(await Promise.all(items.map((pull) => resources().pull(repository, pull, login))));
  });

  api.post("/repos/:owner/:name/pulls", async (context) => {
    const { owner, name } = context.req.param();
    const login = context.get("login");
    const repository = repositoryOf(owner, name, login);
    const author = writer(repository, login);
    const pull = await openPull(repository, await json(context.req.raw), author);
    const resource = await resources().pull(repository, pull, login);
    if ("url" in resource) context.header("location", String(resource.url));
    return context.json(resource, 201);
  });

  api.get("/repos/:owner/:name/pulls/:number", async (context) => {
    const { owner, name, number } = context.req.param();
    const login = context.get("login");
    const repository = repositoryOf(owner, name, login);
    return context.json(await resources().pull(repository, pullOf(repository, number), login));
  });

  api.patch("/repos/:owner/:name/pulls/:number", async (context) => {
    const { owner, name, number } = context.req.param();
    const login = context.get("login");
    const repository = repositoryOf(owner, name, login);
    writer(repository, login);
    const pull = pullOf(repository, number);
    await updatePull(repository, pull, await json(context.req.raw));
    return context.json(await resources().pull(repository, pull, login));
  });

  api.notFound((context) => context.json(notFound().body(), 404));
  api.onError((error, context) => {
    const known = error instanceof GitHubError ? error : new GitHubError(500, "Server Error");
    return context.newResponse(JSON.stringify(known.body()), known.status as 500, {
      "content-type": "application/json; charset=utf-8",
    });
  });
  return api;
}

async function json(request: Request): Promise<unknown> {
  const body: unknown = await request.json().catch(() => undefined);
  if (body === undefined) throw new GitHubError(400, "Problems parsing JSON");
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new GitHubError(400, "Body should be a JSON object");
  }
  return body;
}

const PER_PAGE = 30;
const PER_PAGE_MAX = 100;

/** One page of a list, with the `Link` header that leads to the others. */
function page<T>(all: readonly T[], url: URL): { items: T[]; link: string | null } {
  const whole = (name: string, fallback: number) => {
    const value = Number(url.searchParams.get(name) ?? fallback);
    return Number.isInteger(value) && value > 0 ? value : fallback;
  };
  const size = Math.min(PER_PAGE_MAX, whole("per_page", PER_PAGE));
  const number = whole("page", 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const to = (target: number, rel: string) => {
    const address = new URL(url);
    address.searchParams.set("page", String(target));
    return `<${address.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [to(number - 1, "prev"), to(1, "first")] : []),
    ...(number < last ? [to(number + 1, "next"), to(last, "last")] : []),
  ];
  return {
    items: all.slice((number - 1) * size, number * size),
    link: links.length === 0 ? null : links.join(", "),
  };
}
