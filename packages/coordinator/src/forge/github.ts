import { Octokit } from "@octokit/core";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { failure } from "../domain/failure.ts";
import type { Forge, PullRequest } from "../domain/ports.ts";
import { githubFailure, isWorthRetrying, saysItExists } from "./github-failure.ts";
import { parseRepository } from "./repository-address.ts";

/** How long one answer of the API may take. */
const REQUEST_TIMEOUT_MS = 20_000;

/** Pauses before the second and third try of a request that met an outage. */
const RETRY_PAUSES_MS = [300, 1_200];

/** GitHub's own limits, in characters. */
const TITLE_MAX = 256;
const BODY_MAX = 65_536;

export interface GitHubForgeOptions {
  /** Where people and git go: `https://github.com`, or a GitHub Enterprise Server. */
  webUrl: string;
  /** Where the REST API is: `https://api.github.com`, or `https://<server>/api/v3`. */
  apiUrl: string;
  /** A token of the user with write access to code and pull requests. */
  token: string | null;
  /** In place of the usual `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

interface Place {
  owner: string;
  name: string;
}

export function createGitHubForge(options: GitHubForgeOptions): Forge {
  const { token } = options;
  const webUrl = options.webUrl.replace(/\/+$/, "");
  const web = new URL(webUrl);
  const quiet = () => undefined;
  const octokit = new (Octokit.plugin(restEndpointMethods))({
    baseUrl: options.apiUrl.replace(/\/+$/, ""),
    userAgent: "farhand",
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    ...(token === null ? {} : { auth: token }),
    ...(options.fetch ? { request: { fetch: options.fetch } } : {}),
  });

  /** Owner and name, from a web, ssh or scp-like address on this host; null for anything else. */
  function placeOf(repository: string): Place | null {
    const parsed = parseRepository(repository);
    if (parsed.kind === "path") return null;
    // ssh listens on a port of its own.
    const isOurs =
      parsed.scheme === "ssh" ? parsed.host.replace(/:\d+$/, "") === web.hostname : parsed.host === web.host;
    const [owner, name, ...more] = parsed.path.split("/");
    return isOurs && owner && name && more.length === 0 ? { owner, name } : null;
  }

  function demandPlace(repository: string): Place {
    const place = placeOf(repository);
    if (place === null) throw new Error(`${repository} is not on ${webUrl}`);
    return place;
  }

  /**
   * The pull request of the branch, an open one first. One that was closed or merged counts as well: the branch is one
   * task's alone, and a task has one pull request.
   */
  async function find(
    { owner, name }: Place,
    head: string,
    signal: AbortSignal,
  ): Promise<PullRequest | null> {
    const { data } = await calling(signal, (request) =>
      octokit.rest.pulls.list({ owner, repo: name, state: "all", head: `${owner}:${head}`, request }),
    );
    const ours = data.filter((pull) => pull.head.ref === head);
    const found = ours.find((pull) => pull.state === "open") ?? ours[0];
    return found === undefined ? null : { url: found.html_url, number: found.number, existed: true };
  }

  return {
    kind: "github",

    hosts: (repository) => placeOf(repository) !== null,

    remote(repository) {
      const { owner, name } = demandPlace(repository);
      return {
        url: `${webUrl}/${owner}/${name}.git`,
        credential: token === null ? null : { username: "x-access-token", password: token },
      };
    },

    async openPullRequest({ repository, head, base, title, body }, signal) {
      if (token === null) {
        throw failure(
          "pull_request_failed",
          "The branch is there, but without a token of yours GitHub takes no pull request.",
          "Add a token that may write code and pull requests with `farhand keys add github`; the server's owner may set FARHAND_GITHUB_TOKEN instead.",
        );
      }
      const place = demandPlace(repository);
      try {
        const existing = await find(place, head, signal);
        if (existing !== null) return existing;
        try {
          const { data } = await calling(signal, (request) =>
            octokit.rest.pulls.create({
              owner: place.owner,
              repo: place.name,
              head,
              base,
              title: title.slice(0, TITLE_MAX),
              body: body.slice(0, BODY_MAX),
              request,
            }),
          );
          return { url: data.html_url, number: data.number, existed: false };
        } catch (error) {
          // Somebody was quicker, or our own first try arrived although its answer did not.
          const quicker = saysItExists(error) ? await find(place, head, signal) : null;
          if (quicker === null) throw error;
          return quicker;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw githubFailure(error, token);
      }
    },
  };
}

/** Makes a call with a time limit, and again when the service was out for a moment. Ends when `signal` aborts. */
async function calling<T>(
  signal: AbortSignal,
  call: (request: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const once = () => call({ signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) });
  for (const pauseMs of RETRY_PAUSES_MS) {
    try {
      return await once();
    } catch (error) {
      if (signal.aborted || !isWorthRetrying(error)) throw error;
      await Bun.sleep(pauseMs);
    }
  }
  return await once();
}
