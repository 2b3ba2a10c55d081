import type { OAuthApp } from "../oauth/codes.ts";
import { gitRoute } from "./git-route.ts";
import { GitHubError } from "./github-error.ts";
import { identify, loginOf } from "./identity.ts";
import { GitHubOAuth } from "./oauth.ts";
import { pullPage } from "./pull-page.ts";
import { Resources } from "./resources.ts";
import { restApi } from "./rest.ts";
import { type PullRequest, type Repository, type RepositoryOptions, Store } from "./store.ts";

export type { OAuthApp } from "../oauth/codes.ts";
export type { PullRequest, RepositoryOptions } from "./store.ts";

export interface GitHubSimulatorOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** `127.0.0.1` unless told. */
  hostname?: string;
  /** Token → login of the user it belongs to. */
  tokens: Record<string, string>;
  /** Programs that people can sign in to with GitHub; everybody who has a token can. */
  oauthApps?: OAuthApp[];
  /** An existing folder that the simulator keeps its bare repositories in. */
  root: string;
}

export interface AddedRepository {
  /** For git and for people, without `.git` at the end. */
  htmlUrl: string;
  /** For git, with `.git` at the end. */
  cloneUrl: string;
  /** The bare repository behind it. */
  path: string;
  /** Its pull requests, oldest first. */
  pulls: readonly PullRequest[];
}

export interface Outage {
  /** How many requests fail. */
  count: number;
  status: 500 | 502 | 503;
  /** `all` unless told. */
  on?: "rest" | "git" | "all";
}

export interface GitHubSimulator {
  /** Base URL of pages and git. */
  url: string;
  /** Base URL of the REST API, as GitHub Enterprise Server has it. */
  apiUrl: string;
  /** Copies a repository in from a path, or makes an empty one when `from` is null. */
  addRepository(
    owner: string,
    name: string,
    from: string | null,
    options?: RepositoryOptions,
  ): Promise<AddedRepository>;
  /** Makes the next requests fail, as while the forge is down. */
  failNext(outage: Outage): void;
  /** Answers every request with 503, REST, git and pages alike, until it is up again. */
  setDown(isDown: boolean): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const API = "/api/v3";

/** Starts a stand-in for GitHub: REST under `/api/v3`, git's smart HTTP and a page for each pull request. */
export async function startGitHubSimulator(options: GitHubSimulatorOptions): Promise<GitHubSimulator> {
  // Signing in adds some.
  const tokens = { ...options.tokens };
  const logins = [...new Set(Object.values(tokens))];
  const store = new Store(options.root, logins);
  const oauth = new GitHubOAuth(options.oauthApps ?? [], logins, tokens);
  let outage: Outage | null = null;
  let isDown = false;
  // The addresses are known once the port is.
  let resources = new Resources("", "");
  const api = restApi(API, store, () => resources, tokens, oauth);

  const fails = (kind: "rest" | "git"): Response | null => {
    if (outage === null || outage.count < 1) return null;
    if (outage.on === "rest" ? kind !== "rest" : outage.on === "git" && kind !== "git") return null;
    outage = { ...outage, count: outage.count - 1 };
    return failed(outage.status);
  };

  const server = Bun.serve({
    port: options.port ?? 0,
    hostname: options.hostname ?? "127.0.0.1",
    // A push may think for longer than Bun's ten seconds.
    idleTimeout: 0,
    fetch: async (request) => {
      if (isDown) return failed(503);
      const url = new URL(request.url);
      if (url.pathname.startsWith(`${API}/`)) {
        return fails("rest") ?? (await api.fetch(request));
      }
      const signingIn = await oauth.answer(request);
      if (signingIn) return signingIn;
      const page = /^\/([^/]+)\/([^/]+)\/pull\/(\d+)$/.exec(url.pathname);
      if (page !== null) return pullPageOf(store, page, request, tokens);
      const git = fails("git") ?? (await gitRoute(request, store, tokens));
      return git ?? new Response("Not Found", { status: 404 });
    },
  });
  const url = server.url.href.replace(/\/$/, "");
  resources = new Resources(url, url + API);
  return {
    url,
    apiUrl: url + API,
    addRepository: async (owner, name, from, repositoryOptions = {}) =>
      added(url, await store.add(owner, name, from, repositoryOptions)),
    failNext: (next) => {
      outage = next;
    },
    setDown: (next) => {
      isDown = next;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function failed(status: Outage["status"]): Response {
  return Response.json(new GitHubError(status, status === 500 ? "Server Error" : "Unicorn!").body(), {
    status,
  });
}

function added(url: string, repository: Repository): AddedRepository {
  const htmlUrl = `${url}/${repository.owner}/${repository.name}`;
  return { htmlUrl, cloneUrl: `${htmlUrl}.git`, path: repository.path, pulls: repository.pulls };
}

/** Pages need no sign-in here: the simulator listens on loopback and its people have no session. */
function pullPageOf(
  store: Store,
  [, owner = "", name = "", number = ""]: RegExpExecArray,
  request: Request,
  tokens: Readonly<Record<string, string>>,
): Response {
  const login = loginOf(identify(request.headers.get("authorization"), tokens)) ?? owner;
  const pull = store
    .visible(owner, name, login)
    ?.pulls.find((candidate) => String(candidate.number) === number);
  return pull === undefined ? new Response("Not Found", { status: 404 }) : pullPage(`${owner}/${name}`, pull);
}
