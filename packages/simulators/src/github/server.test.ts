import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Octokit } from "@octokit/core";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { makeSampleRepository } from "../sample-repository.ts";
import { type AddedRepository, type GitHubSimulator, startGitHubSimulator } from "./server.ts";

const TOKENS = { "token-of-mara": "mara", "token-of-ben": "ben" };
const Client = Octokit.plugin(restEndpointMethods);
let folder = "";
let github: GitHubSimulator;
let open: AddedRepository;
let hidden: AddedRepository;

const octokit = (token?: string) =>
  new Client({
    baseUrl: github.apiUrl,
    ...(token === undefined ? {} : { auth: token }),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  }).rest;

async function git(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn(["git", ...args], {
    cwd,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: "/nonexistent",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "T",
      GIT_AUTHOR_EMAIL: "t@example.org",
      GIT_COMMITTER_NAME: "T",
      GIT_COMMITTER_EMAIL: "t@example.org",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout: stdout.trim(), stderr };
}

/** The address with a token in it, as a credential helper would give it. */
const as = (token: string, url: string) => url.replace("http://", `http://x-access-token:${token}@`);

let clones = 0;
async function cloneWithCommit(branch: string): Promise<string> {
  const work = join(folder, `clone-${++clones}`);
  expect((await git(folder, "clone", "--quiet", as("token-of-mara", open.cloneUrl), work)).code).toBe(0);
  await git(work, "checkout", "--quiet", "-b", branch);
  await writeFile(join(work, "note.txt"), `${branch}\n`);
  await git(work, "add", "note.txt");
  await git(work, "commit", "--quiet", "-m", branch);
  return work;
}

async function pushBranch(branch: string): Promise<void> {
  const work = await cloneWithCommit(branch);
  const push = await git(work, "push", "--quiet", "origin", branch);
  if (push.code !== 0) throw new Error(push.stderr);
}

interface Refusal {
  status: number;
  data: { message: string; errors?: object[]; documentation_url: string; status: string };
}

async function refusal(attempt: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error && "response" in error && "status" in error) {
    const response = error.response as { data: Refusal["data"] };
    return { status: Number(error.status), data: response.data };
  }
  throw new Error(`not refused: ${String(error)}`);
}

const repo = { owner: "mara", repo: "cart" };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "github-simulator-"));
  await makeSampleRepository(join(folder, "sample.git"));
  await mkdir(join(folder, "root"));
  github = await startGitHubSimulator({ tokens: TOKENS, root: join(folder, "root") });
  open = await github.addRepository("mara", "cart", join(folder, "sample.git"), {
    protectedBranches: ["main"],
  });
  hidden = await github.addRepository("mara", "secret", join(folder, "sample.git"), {
    private: true,
    collaborators: [],
  });
  await github.addRepository("mara", "empty", null);
});
afterAll(async () => {
  await github[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("REST", () => {
  test("tells who a token belongs to", async () => {
    const { data, headers } = await octokit("token-of-ben").users.getAuthenticated();
    expect(data.login).toBe("ben");
    expect(headers["x-github-request-id"]).toBeTruthy();
    expect(Number(headers["x-ratelimit-remaining"])).toBeLessThan(5000);
  });

  test("refuses a wrong token everywhere, and no token where one is needed", async () => {
    for (const attempt of [
      octokit("wrong").users.getAuthenticated(),
      octokit("wrong").repos.get(repo),
      octokit("wrong").pulls.list(repo),
    ]) {
      expect(await refusal(attempt)).toMatchObject({
        status: 401,
        data: { message: "Bad credentials", status: "401" },
      });
    }
    expect((await refusal(octokit().users.getAuthenticated())).data.message).toBe("Requires authentication");
    const create = octokit().pulls.create({ ...repo, title: "T", head: "x", base: "main" });
    expect((await refusal(create)).status).toBe(401);
  });

  test("describes a repository with what the token may do", async () => {
    const { data } = await octokit("token-of-ben").repos.get(repo);
    expect(data).toMatchObject({ full_name: "mara/cart", default_branch: "main", private: false });
    expect(data.permissions).toMatchObject({ push: true, admin: false });
    expect(data.clone_url).toBe(open.cloneUrl);
  });

  test("hides a private repository from all but its people, and an unknown one from everybody", async () => {
    expect((await octokit("token-of-mara").repos.get({ owner: "mara", repo: "secret" })).data.private).toBe(
      true,
    );
    for (const token of ["token-of-ben", undefined]) {
      const { status, data } = await refusal(octokit(token).repos.get({ owner: "mara", repo: "secret" }));
      expect([status, data.message]).toEqual([404, "Not Found"]);
    }
    expect(
      (await refusal(octokit("token-of-mara").repos.get({ owner: "mara", repo: "nothing" }))).status,
    ).toBe(404);
    const pulls = octokit("token-of-ben").pulls.list({ owner: "mara", repo: "secret" });
    expect((await refusal(pulls)).status).toBe(404);
  });

  test("lists branches in pages and finds one with a slash in its name", async () => {
    for (const name of ["list/one", "list/two"]) await pushBranch(name);
    const rest = octokit("token-of-mara");
    const first = await rest.repos.listBranches({ ...repo, per_page: 1 });
    expect(first.data).toHaveLength(1);
    expect(first.headers.link).toContain('rel="next"');
    const { data } = await rest.repos.getBranch({ ...repo, branch: "list/two" });
    expect(data.commit.sha).toMatch(/^[0-9a-f]{40}$/);
    expect((await rest.repos.getBranch({ ...repo, branch: "main" })).data.protected).toBe(true);
    const missing = await refusal(rest.repos.getBranch({ ...repo, branch: "list/three" }));
    expect([missing.status, missing.data.message]).toEqual([404, "Branch not found"]);
  });

  test("refuses a request without a user agent", async () => {
    const response = await fetch(`${github.apiUrl}/repos/mara/cart`, { headers: { "user-agent": "" } });
    expect(response.status).toBe(403);
  });

  test("has no other route", async () => {
    const response = await fetch(`${github.apiUrl}/repos/mara/cart/issues`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: "Not Found", status: "404" });
  });
});

describe("pull requests", () => {
  const rest = () => octokit("token-of-mara").pulls;

  test("are opened, found by their head, read, changed, closed and opened again", async () => {
    await pushBranch("life");
    const created = await rest().create({
      ...repo,
      title: "Life",
      head: "life",
      base: "main",
      body: "Why",
      draft: true,
    });
    expect(created.status).toBe(201);
    expect(created.data).toMatchObject({
      state: "open",
      draft: true,
      changed_files: 1,
      additions: 1,
      deletions: 0,
    });
    expect(created.data.head).toMatchObject({ ref: "life", label: "mara:life" });
    const page = await fetch(created.data.html_url);
    expect(await page.text()).toContain("Life");

    const pull = { ...repo, pull_number: created.data.number };
    const heads = async (head: string, state: "open" | "closed" | "all" = "open") =>
      (await rest().list({ ...repo, head, state })).data.map((found) => found.number);
    expect(await heads("mara:life")).toEqual([pull.pull_number]);
    expect(await heads("mara:other")).toEqual([]);
    expect((await rest().update({ ...pull, title: "Better" })).data.title).toBe("Better");
    expect((await rest().update({ ...pull, state: "closed" })).data.closed_at).not.toBeNull();
    expect(await heads("mara:life")).toEqual([]);
    expect(await heads("mara:life", "all")).toEqual([pull.pull_number]);
    expect((await rest().update({ ...pull, state: "open" })).data.state).toBe("open");
    expect((await rest().get(pull)).data).toMatchObject({ title: "Better", body: "Why", closed_at: null });
    expect(open.pulls.find((found) => found.head === "life")?.title).toBe("Better");
  });

  test("cannot be opened twice for one branch, even at once", async () => {
    await pushBranch("twice");
    const create = () => rest().create({ ...repo, title: "T", head: "mara:twice", base: "main" });
    const results = await Promise.allSettled([create(), create(), create()]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    const { status, data } = await refusal(create());
    expect(status).toBe(422);
    expect(data).toEqual({
      message: "Validation Failed",
      errors: [
        { resource: "PullRequest", code: "custom", message: "A pull request already exists for mara:twice." },
      ],
      documentation_url: "https://docs.github.com/rest/pulls/pulls#create-a-pull-request",
      status: "422",
    });
  });

  test("need commits between the branches", async () => {
    const main = await octokit("token-of-mara").repos.getBranch({ ...repo, branch: "main" });
    await git(open.path, "update-ref", "refs/heads/same", main.data.commit.sha);
    const { data } = await refusal(rest().create({ ...repo, title: "T", head: "same", base: "main" }));
    expect(data.errors).toEqual([
      { resource: "PullRequest", code: "custom", message: "No commits between main and same" },
    ]);
  });

  test.each<[string, object, object]>([
    ["an unknown head", { head: "nowhere" }, { resource: "PullRequest", field: "head", code: "invalid" }],
    [
      "the head of a fork that is not there",
      { head: "eve:main" },
      { resource: "PullRequest", field: "head", code: "invalid" },
    ],
    ["an unknown base", { base: "nowhere" }, { resource: "PullRequest", field: "base", code: "invalid" }],
    ["no title", { title: undefined }, { resource: "PullRequest", code: "missing_field", field: "title" }],
  ])("are refused with %s", async (_, change, error) => {
    await pushBranch("wanting").catch(() => undefined);
    const { status, data } = await refusal(
      rest().create({ ...repo, title: "T", head: "wanting", base: "main", ...change }),
    );
    expect([status, data.message]).toEqual([422, "Validation Failed"]);
    expect(data.errors).toEqual([error]);
  });

  test("are refused without head or base, or with a body that is no object", async () => {
    const post = (body: string) =>
      fetch(`${github.apiUrl}/repos/mara/cart/pulls`, {
        method: "POST",
        headers: { authorization: "Bearer token-of-mara", "content-type": "application/json" },
        body,
      });
    const missing = await post('{"title":"T"}');
    expect(missing.status).toBe(422);
    expect(await missing.text()).toContain(`weren't supplied`);
    expect((await post("{")).status).toBe(400);
    expect((await post("[]")).status).toBe(400);
  });

  test("are not found by a number that there is not", async () => {
    expect((await refusal(rest().get({ ...repo, pull_number: 999 }))).status).toBe(404);
  });
});

describe("git", () => {
  test("clones a public repository for everybody", async () => {
    const result = await git(folder, "clone", "--quiet", open.cloneUrl, join(folder, `clone-${++clones}`));
    expect(result.code).toBe(0);
    const bare = await git(folder, "ls-remote", open.htmlUrl);
    expect(bare.stdout).toContain("refs/heads/main");
  });

  test("asks for credentials before it says whether a repository is there", async () => {
    for (const url of [hidden.cloneUrl, hidden.cloneUrl.replace("secret", "nothing")]) {
      const response = await fetch(`${url}/info/refs?service=git-upload-pack`);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Basic realm="GitHub"');
    }
    const known = await git(folder, "ls-remote", as("token-of-mara", hidden.cloneUrl));
    expect(known.stdout).toContain("refs/heads/main");
    const stranger = await git(folder, "ls-remote", as("token-of-ben", hidden.cloneUrl));
    expect(stranger.stderr).toContain("Repository not found");
    const unknown = await git(
      folder,
      "ls-remote",
      as("token-of-mara", hidden.cloneUrl.replace("secret", "nothing")),
    );
    expect(unknown.stderr).toContain("Repository not found");
  });

  test("refuses a wrong token even for a public repository", async () => {
    const response = await fetch(`${open.cloneUrl}/info/refs?service=git-upload-pack`, {
      headers: { authorization: `Basic ${btoa("x-access-token:wrong")}` },
    });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("Invalid username or token");
    const result = await git(folder, "ls-remote", as("wrong", hidden.cloneUrl));
    expect(result.stderr).toContain("Authentication failed");
  });

  test("takes a push with a token alone", async () => {
    const work = await cloneWithCommit("pushed");
    const anonymous = await git(work, "push", open.cloneUrl, "pushed");
    expect(anonymous.code).not.toBe(0);
    expect((await git(work, "push", "--quiet", "origin", "pushed")).code).toBe(0);
    expect((await git(open.path, "rev-parse", "--verify", "refs/heads/pushed")).code).toBe(0);
  });

  test("refuses a push of somebody who may only read", async () => {
    const reader = await github.addRepository("mara", "readable", join(folder, "sample.git"), {
      collaborators: [],
    });
    const work = await cloneWithCommit("denied");
    const result = await git(work, "push", as("token-of-ben", reader.cloneUrl), "denied");
    expect(result.stderr).toContain("Permission to mara/readable.git denied to ben");
    const pull = octokit("token-of-ben").pulls.create({
      owner: "mara",
      repo: "readable",
      title: "T",
      head: "a",
      base: "main",
    });
    expect((await refusal(pull)).status).toBe(403);
  });

  test("refuses a push to a protected branch in GitHub's words", async () => {
    const work = await cloneWithCommit("straight");
    const result = await git(work, "push", "origin", "straight:main");
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(
      "remote: error: GH006: Protected branch update failed for refs/heads/main.",
    );
  });

  test("serves an empty repository", async () => {
    const url = open.cloneUrl.replace("cart", "empty");
    const result = await git(folder, "clone", url, join(folder, `clone-${++clones}`));
    expect(result.code).toBe(0);
    expect(result.stderr).toContain("empty repository");
  });
});

describe("an outage", () => {
  test("fails as many requests as told and then ends", async () => {
    github.failNext({ count: 2, status: 502, on: "rest" });
    const rest = octokit("token-of-mara");
    expect((await git(folder, "ls-remote", open.cloneUrl)).code).toBe(0);
    expect((await refusal(rest.repos.get(repo))).status).toBe(502);
    expect((await refusal(rest.repos.get(repo))).status).toBe(502);
    expect((await rest.repos.get(repo)).status).toBe(200);
    github.failNext({ count: 1, status: 500, on: "git" });
    expect((await git(folder, "ls-remote", open.cloneUrl)).stderr).toContain("500");
    expect((await git(folder, "ls-remote", open.cloneUrl)).code).toBe(0);
  });

  test("takes everything away while it lasts, and gives it back as it was", async () => {
    const rest = octokit("token-of-mara");
    github.setDown(true);
    expect((await refusal(rest.repos.get(repo))).status).toBe(503);
    expect((await refusal(rest.pulls.list({ ...repo, state: "all" }))).status).toBe(503);
    expect((await git(folder, "ls-remote", open.cloneUrl)).stderr).toContain("503");
    expect((await fetch(`${open.htmlUrl}/pull/1`)).status).toBe(503);
    github.setDown(false);
    expect((await rest.repos.get(repo)).status).toBe(200);
    expect((await git(folder, "ls-remote", open.cloneUrl)).code).toBe(0);
  });
});
