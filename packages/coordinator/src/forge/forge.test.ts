import { describe, expect, test } from "bun:test";
import { chooseForge } from "./forge.ts";
import { createGitHubForge } from "./github.ts";
import { createPlainForge } from "./plain.ts";

const github = createGitHubForge({
  webUrl: "https://github.com/",
  apiUrl: "https://api.github.com",
  token: "canary",
});
const forges = [github, createPlainForge()];

describe("the forge of a repository", () => {
  test.each([
    ["https://github.com/o/n", "github"],
    ["https://github.com/o/n.git", "github"],
    ["git@github.com:o/n.git", "github"],
    ["ssh://git@github.com/o/n", "github"],
    ["ssh://git@github.com:22/o/n", "github"],
    ["https://github.com.example.org/o/n", "plain"],
    ["https://example.org/github.com/o", "plain"],
    ["https://github.com:8443/o/n", "plain"],
    ["https://github.com/o", "plain"],
    ["https://github.com/o/n/tree/main", "plain"],
    ["git@example.org:o/n", "plain"],
    ["/srv/github.com/n", "plain"],
  ] as const)("%s is %s", (repository, kind) => {
    expect(chooseForge(forges, repository).kind).toBe(kind);
  });

  test("must be among those that there are", () => {
    expect(() => chooseForge([github], "/srv/n")).toThrow("no forge hosts /srv/n");
  });
});

describe("a plain remote", () => {
  test("is reached as it was named, gets no credential and has no pull requests", async () => {
    const plain = createPlainForge();
    expect(plain.remote("/srv/n")).toEqual({ url: "/srv/n", credential: null });
    const request = { repository: "/srv/n", head: "a", base: "b", title: "t", body: "" };
    expect(await plain.openPullRequest(request, new AbortController().signal)).toBeNull();
  });
});
