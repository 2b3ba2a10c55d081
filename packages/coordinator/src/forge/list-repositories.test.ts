import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { startGitLabSimulator } from "@farhand/simulators/gitlab";
import { failure } from "../domain/failure.ts";
import type { ForgeAccess } from "../domain/vault.ts";
import { createRepositoryLister } from "./list-repositories.ts";

const GITHUB = "ghp-canary-0123456789";
const GITLAB = "glpat-canary-0123456789";

let folder: string;
let github: GitHubSimulator;
let gitlab: Awaited<ReturnType<typeof startGitLabSimulator>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-lists-"));
  github = await startGitHubSimulator({ root: folder, tokens: { [GITHUB]: "octo", "ghp-other": "mara" } });
  for (const name of ["first", "second", "third"])
    await github.addRepository("octo", name, null, { private: true });
  await github.addRepository("mara", "secret", null, { private: true, collaborators: [] });
  const project = (path: string, day: number, more = {}) => ({
    path_with_namespace: path,
    visibility: "private" as const,
    default_branch: "trunk",
    members: ["ada"],
    last_activity_at: `2026-01-0${day}T00:00:00Z`,
    ...more,
  });
  gitlab = await startGitLabSimulator({
    apps: [],
    users: [],
    tokens: { [GITLAB]: "ada" },
    projects: [
      project("team/old", 1),
      project("team/new", 2, { visibility: "public" }),
      project("team/put-away", 3, { archived: true }),
      project("others/theirs", 3, { members: [] }),
    ],
  });
});
afterAll(async () => {
  await github[Symbol.asyncDispose]();
  await gitlab[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const onGitHub = (change: Partial<ForgeAccess> = {}): ForgeAccess => ({
  keyId: "k_1",
  purpose: "github",
  baseUrl: github.url,
  apiUrl: github.apiUrl,
  token: GITHUB,
  isTrusted: true,
  ...change,
});
const onGitLab = (change: Partial<ForgeAccess> = {}): ForgeAccess => ({
  keyId: "k_2",
  purpose: "gitlab",
  baseUrl: gitlab.url,
  apiUrl: gitlab.url,
  token: GITLAB,
  isTrusted: true,
  ...change,
});

function listerOver(...access: ForgeAccess[]) {
  const time = { ms: 0 };
  const lister = createRepositoryLister({
    accessOf: async () => access,
    guardedFetch: () => Promise.reject(failure("address_refused", "That is an address of this network.", "")),
    forgeOf: () => Promise.reject(new Error("not asked for")),
    branchesOf: () => Promise.reject(new Error("not asked for")),
    now: () => time.ms,
  });
  return { time, list: (search = "") => lister.repositories("u_1", search) };
}

/** A forge that answers as it is told. */
function forgeSaying(answer: () => Response | Promise<Response>) {
  let asked = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      asked += 1;
      return answer();
    },
  });
  const url = server.url.href.replace(/\/$/, "");
  return { url, asked: () => asked, [Symbol.asyncDispose]: () => server.stop(true) };
}

describe("the list of repositories", () => {
  test("is that of all forges, of each what was last worked on first, without what is somebody else's", async () => {
    const { repositories, forges } = await listerOver(onGitHub(), onGitLab()).list();
    expect(repositories.map(({ name }) => name)).toEqual([
      "octo/third",
      "octo/second",
      "octo/first",
      "team/new",
      "team/old",
    ]);
    expect(repositories[0]).toEqual({
      address: `${github.url}/octo/third.git`,
      name: "octo/third",
      host: new URL(github.url).host,
      isPrivate: true,
      defaultBranch: "main",
    });
    expect(repositories[3]).toMatchObject({ isPrivate: false, defaultBranch: "trunk" });
    expect(forges.map(({ status, hasMore }) => [status, hasMore])).toEqual([
      ["ok", false],
      ["ok", false],
    ]);
  });

  test("can be searched, in whatever case, by owner or name", async () => {
    const { list } = listerOver(onGitHub(), onGitLab());
    const names = async (search: string) => (await list(search)).repositories.map(({ name }) => name);
    expect(await names("SECOND")).toEqual(["octo/second"]);
    expect(await names("team/o")).toEqual(["team/old"]);
    expect(await names("team")).toEqual(["team/new", "team/old"]);
    expect(await names("nothing")).toEqual([]);
  });

  test("is empty, without a word of trouble, for who has no key", async () => {
    expect(await listerOver().list()).toEqual({ repositories: [], forges: [] });
  });

  test("has the others where one forge fails, and says which and why, without the key", async () => {
    const { repositories, forges } = await listerOver(
      onGitHub({ token: "ghp-canary-wrong-0123" }),
      onGitLab(),
      onGitLab({ keyId: "k_3", baseUrl: "http://127.0.0.1:9", apiUrl: "http://127.0.0.1:9" }),
      onGitLab({ keyId: "k_4", isTrusted: false }),
    ).list();
    expect(repositories).toHaveLength(2);
    expect(forges.map(({ status }) => status)).toEqual(["failed", "ok", "failed", "failed"]);
    expect(forges[0]?.message).toContain("does not take your key");
    expect(forges[2]?.message).toContain("127.0.0.1:9 cannot be reached");
    expect(forges[3]?.message).toBe("That is an address of this network.");
    expect(JSON.stringify(forges)).not.toContain("canary");
  });

  test("takes no answer that is none, follows no redirect, and reads no endless one", async () => {
    const answers = [
      () => new Response("<h1>Sign in</h1>"),
      () => Response.json({ nothing: "like it" }),
      () => Response.json([{ full_name: "a/b", clone_url: "javascript:alert(1)", private: false }]),
      () => Response.redirect("http://127.0.0.1:9/elsewhere"),
      () => new Response("x".repeat(9 * 1024 * 1024)),
    ];
    for (const answer of answers) {
      await using forge = forgeSaying(answer);
      const access = onGitHub({ baseUrl: forge.url, apiUrl: forge.url });
      const { repositories, forges } = await listerOver(access).list();
      expect(repositories).toEqual([]);
      expect(forges[0]).toMatchObject({
        status: "failed",
        message: expect.stringMatching(/understand|status 30/),
      });
      expect(forge.asked()).toBe(1);
    }
  });

  test("stops after three pages, and says that there are more", async () => {
    await using forge = forgeSaying(() =>
      Response.json(
        Array.from({ length: 100 }, (_, index) => ({
          full_name: `a/${index}`,
          clone_url: `https://example.com/a/${index}.git`,
          private: false,
        })),
        { headers: { link: '<https://example.com/?page=2>; rel="next"' } },
      ),
    );
    const { list } = listerOver(onGitHub({ baseUrl: forge.url, apiUrl: forge.url }));
    const { repositories, forges } = await list();
    expect([repositories.length, forges[0]?.hasMore, forge.asked()]).toEqual([300, true, 3]);
  });

  test("is asked for once a minute, however fast one types, and a failure is asked about again", async () => {
    let isDown = false;
    await using forge = forgeSaying(() => (isDown ? new Response(null, { status: 502 }) : Response.json([])));
    const { time, list } = listerOver(onGitHub({ baseUrl: forge.url, apiUrl: forge.url }));
    await Promise.all([list(), list("a"), list("ab")]);
    expect(forge.asked()).toBe(1);
    time.ms += 61_000;
    isDown = true;
    expect((await list()).forges[0]?.status).toBe("failed");
    isDown = false;
    expect((await list()).forges[0]?.status).toBe("ok");
    expect(forge.asked()).toBe(3);
  });
});
