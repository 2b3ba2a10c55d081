import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { createEmulator } from "emulate";
import { FarhandError } from "../domain/failure.ts";
import type { Forge } from "../domain/ports.ts";
import { createGitHubForge } from "./github.ts";

const TOKEN = "ghp-canary-0123456789";
const HEAD = "farhand/mend";
const env = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

async function git(repository: string, ...args: string[]): Promise<string> {
  const child = Bun.spawn(["git", ...args], { cwd: repository, env, stdin: "ignore", stderr: "pipe" });
  const stdout = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
  return stdout.trim();
}

/** A bare repository with `main`, the task's branch one commit ahead, and `farhand/same` without one. */
async function fill(repository: string): Promise<void> {
  const tree = await git(repository, "mktree");
  const first = await git(repository, "commit-tree", "-m", "first", tree);
  const second = await git(repository, "commit-tree", "-m", "second", "-p", first, tree);
  await git(repository, "update-ref", "refs/heads/main", first);
  await git(repository, "update-ref", "refs/heads/farhand/same", first);
  await git(repository, "update-ref", `refs/heads/${HEAD}`, second);
}

async function failureOf(promise: Promise<unknown>): Promise<FarhandError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof FarhandError)) throw error;
  expect(JSON.stringify(error.failure)).not.toContain("canary");
  return error;
}

const anyTime = new AbortController().signal;

const requestFor = (repository: string, head = HEAD) => ({
  repository,
  head,
  base: "main",
  title: "Mend it",
  body: "It was broken.",
});

describe("GitHub's pull requests", () => {
  let folder: string;
  let simulator: GitHubSimulator;
  let forge: Forge;
  let repository: string;
  let pulls: readonly { title: string; body: string | null; state: "open" | "closed"; head: string }[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "forge-"));
    simulator = await startGitHubSimulator({
      root: folder,
      tokens: { [TOKEN]: "mara", "reader-canary": "reader" },
    });
    const added = await simulator.addRepository("mara", "shop", null, { private: true, collaborators: [] });
    await fill(added.path);
    repository = added.htmlUrl;
    pulls = added.pulls;
    forge = forgeWith(TOKEN);
  });
  afterEach(async () => {
    await simulator[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const forgeWith = (token: string | null) =>
    createGitHubForge({ webUrl: simulator.url, apiUrl: `${simulator.apiUrl}/`, token });

  test("are opened once: later tries find the one that is open", async () => {
    const first = await forge.openPullRequest(requestFor(repository), anyTime);
    expect(first).toEqual({ url: `${repository}/pull/1`, number: 1, existed: false });
    const again = await forge.openPullRequest(requestFor(repository), anyTime);
    expect(again).toEqual({ url: `${repository}/pull/1`, number: 1, existed: true });
    expect(pulls.map(({ title, body }) => [title, body])).toEqual([["Mend it", "It was broken."]]);
  });

  test("are one also when two tries meet", async () => {
    const both = await Promise.all(
      [1, 2, 3].map(() => forge.openPullRequest(requestFor(repository), anyTime)),
    );
    expect(both.map((pull) => pull?.number)).toEqual([1, 1, 1]);
    expect(pulls).toHaveLength(1);
  });

  test("are found where somebody has closed them, as a task has one and no second", async () => {
    await forge.openPullRequest(requestFor(repository), anyTime);
    const [first] = pulls;
    if (first !== undefined) first.state = "closed";
    expect(await forge.openPullRequest(requestFor(repository), anyTime)).toMatchObject({
      number: 1,
      existed: true,
    });
  });

  test("outlast a short outage, and a long one becomes a failure worth a retry", async () => {
    simulator.failNext({ count: 2, status: 502, on: "rest" });
    expect(await forge.openPullRequest(requestFor(repository), anyTime)).toMatchObject({ number: 1 });
    simulator.failNext({ count: 9, status: 503, on: "rest" });
    const { failure } = await failureOf(forge.openPullRequest(requestFor(repository), anyTime));
    expect(failure).toMatchObject({ code: "pull_request_failed", retryable: true });
  });

  test("fail with GitHub's own sentence", async () => {
    const same = await failureOf(forge.openPullRequest(requestFor(repository, "farhand/same"), anyTime));
    expect(same.failure.message).toContain("No commits between main and farhand/same");
    const base = await failureOf(forge.openPullRequest({ ...requestFor(repository), base: "nope" }, anyTime));
    expect(base.failure.message).toContain("base invalid");
    for (const { failure } of [same, base]) {
      expect(failure).toMatchObject({ code: "pull_request_failed", retryable: false });
    }
  });

  test.each([
    ["a token that is not valid", "wrong-canary", "Bad credentials", "valid token"],
    ["a token that may not see the repository", "reader-canary", "Not Found", "may see it"],
  ])("fail with %s", async (_, token, sentence, action) => {
    const { failure } = await failureOf(forgeWith(token).openPullRequest(requestFor(repository), anyTime));
    expect(failure.code).toBe("pull_request_failed");
    expect(failure.message).toContain(sentence);
    expect(failure.action).toContain(action);
  });

  test("fail with a token that may only read", async () => {
    const open = await simulator.addRepository("mara", "open", null, { collaborators: [] });
    await fill(open.path);
    const { failure } = await failureOf(
      forgeWith("reader-canary").openPullRequest(requestFor(open.htmlUrl), anyTime),
    );
    expect(failure.message).toContain("Resource not accessible");
    expect(failure.action).toContain("may write");
  });

  test("need a token, and say which variable to set", async () => {
    const { failure } = await failureOf(forgeWith(null).openPullRequest(requestFor(repository), anyTime));
    expect(failure.code).toBe("pull_request_failed");
    expect(failure.action).toContain("FARHAND_GITHUB_TOKEN");
  });

  test("fail in a way that is worth a retry when GitHub cannot be reached", async () => {
    await simulator[Symbol.asyncDispose]();
    const { failure } = await failureOf(forge.openPullRequest(requestFor(repository), anyTime));
    expect(failure).toMatchObject({ code: "pull_request_failed", retryable: true });
  });

  test("never repeat the token, even where the other side does", async () => {
    const echo = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => Response.json({ message: request.headers.get("authorization") }, { status: 422 }),
    });
    const echoing = createGitHubForge({ webUrl: simulator.url, apiUrl: echo.url.href, token: TOKEN });
    const { failure } = await failureOf(echoing.openPullRequest(requestFor(repository), anyTime));
    expect(failure.message).toContain("[redacted]");
    await echo.stop(true);
  });

  test("are for a branch that git reaches over the web, with the token as its password", () => {
    const host = new URL(simulator.url).hostname;
    expect(forge.remote(`git@${host}:mara/shop.git`)).toEqual({
      url: `${repository}.git`,
      credential: { username: "x-access-token", password: TOKEN },
    });
    expect(forgeWith(null).remote(repository).credential).toBeNull();
  });
});

describe("against a stand-in for GitHub that others wrote", () => {
  test("a pull request is opened once and then found", async () => {
    const emulator = await createEmulator({
      service: "github",
      port: 0,
      seed: {
        tokens: { [TOKEN]: { login: "mara", scopes: ["repo"] } },
        github: {
          users: [{ login: "mara" }],
          repos: [{ owner: "mara", name: "shop", auto_init: true, default_branch: "main" }],
        },
      },
    });
    try {
      const call = async (method: string, path: string, body?: object): Promise<unknown> => {
        const response = await fetch(`${emulator.url}/repos/mara/shop${path}`, {
          method,
          headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
        return await response.json();
      };
      const main = (await call("GET", "/git/ref/heads/main")) as { object: { sha: string } };
      await call("POST", "/git/refs", { ref: `refs/heads/${HEAD}`, sha: main.object.sha });
      await call("PUT", "/contents/a.txt", { message: "a", content: "YQ==", branch: HEAD });

      const forge = createGitHubForge({ webUrl: emulator.url, apiUrl: emulator.url, token: TOKEN });
      const request = requestFor(`${emulator.url}/mara/shop`);
      const opened = await forge.openPullRequest(request, anyTime);
      expect(opened).toMatchObject({ existed: false });
      expect(await forge.openPullRequest(request, anyTime)).toEqual({
        url: "",
        number: 0,
        ...opened,
        existed: true,
      });
    } finally {
      await emulator.close();
    }
  });
});
