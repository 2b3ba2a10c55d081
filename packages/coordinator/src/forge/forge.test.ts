import { describe, expect, test } from "bun:test";
import type { ForgeKey } from "../domain/vault.ts";
import { createUserForges, repositoryName } from "./forge.ts";
import { createPlainForge } from "./plain.ts";

const OWNER = "u_owner";
const MEMBER = "u_member";
const PUBLIC = "93.184.216.34";

const keys: Record<string, ForgeKey> = {
  "u_owner github.com": { purpose: "github", baseUrl: "https://github.com", token: "the-owners-token" },
  "u_member gitlab.example.com": {
    purpose: "gitlab",
    baseUrl: "https://gitlab.example.com",
    token: "the-members-token",
  },
  "u_member ghe.example.com": {
    purpose: "github",
    baseUrl: "https://ghe.example.com",
    token: "the-members-enterprise-token",
  },
};

const looked: string[] = [];
const forgeOf = createUserForges({
  vault: { forgeKey: async (userId, host) => keys[`${userId} ${host}`] ?? null },
  githubUrl: "https://github.com",
  githubApiUrl: "https://api.github.com",
  isOwner: async (userId) => userId === OWNER,
  publicAddressOf: async (url) => {
    looked.push(url);
    return PUBLIC;
  },
  guardedFetch: () => Promise.reject(new Error("not asked for")),
});

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
  ] as const)("%s is %s", async (repository, kind) => {
    expect((await forgeOf({ userId: OWNER, repository })).kind).toBe(kind);
  });
});

describe("a user's forge", () => {
  const remoteOf = async (userId: string, repository: string) =>
    (await forgeOf({ userId, repository })).remote(repository);

  test("has that user's key and never the owner's", async () => {
    expect((await remoteOf(OWNER, "https://github.com/o/n")).credential?.password).toBe("the-owners-token");
    expect((await remoteOf(MEMBER, "https://github.com/o/n")).credential).toBeNull();
    expect(await remoteOf(MEMBER, "https://gitlab.example.com/o/n")).toEqual({
      url: "https://gitlab.example.com/o/n",
      credential: { username: "oauth2", password: "the-members-token" },
      connectTo: PUBLIC,
    });
    expect((await remoteOf(OWNER, "https://gitlab.example.com/o/n")).credential).toBeNull();
  });

  test("takes an enterprise server for GitHub where the user has a key for it", async () => {
    const forge = await forgeOf({ userId: MEMBER, repository: "https://ghe.example.com/o/n" });
    expect(forge.kind).toBe("github");
    expect(forge.remote("https://ghe.example.com/o/n")).toMatchObject({
      url: "https://ghe.example.com/o/n.git",
      credential: { password: "the-members-enterprise-token" },
      connectTo: PUBLIC,
    });
    expect((await forgeOf({ userId: OWNER, repository: "https://ghe.example.com/o/n" })).kind).toBe("plain");
  });

  test("does not send a key in the clear to a host that it was given for with TLS", async () => {
    expect((await remoteOf(MEMBER, "http://gitlab.example.com/o/n")).credential).toBeNull();
  });

  test("reaches a member's plain remote only at the public address that was looked at", async () => {
    looked.length = 0;
    expect(await remoteOf(MEMBER, "https://git.example.org/o/n")).toMatchObject({ connectTo: PUBLIC });
    expect(looked).toEqual(["https://git.example.org/o/n"]);
    expect(await remoteOf(OWNER, "http://127.0.0.1:3000/o/n")).toEqual({
      url: "http://127.0.0.1:3000/o/n",
      credential: null,
    });
  });

  test("is refused a member for what only the server itself can reach", async () => {
    for (const repository of [
      "/root/secret",
      "file:///root/secret",
      "git@example.org:o/n",
      "ssh://git@example.org/o/n",
    ])
      await expect(forgeOf({ userId: MEMBER, repository })).rejects.toMatchObject({
        code: "invalid_request",
      });
    // GitHub is reached over https whatever the address says.
    expect((await remoteOf(MEMBER, "git@github.com:o/n")).url).toBe("https://github.com/o/n.git");
  });
});

test("all addresses of a repository have one name", () => {
  const addresses = [
    "https://github.com/o/n",
    "https://GitHub.com/o/n.git",
    "git@github.com:o/n.git",
    "ssh://git@github.com:22/o/n/",
  ];
  expect(new Set(addresses.map(repositoryName))).toEqual(new Set(["github.com/o/n"]));
  expect(repositoryName("file:///srv/n")).toBe("/srv/n");
});

describe("a plain remote", () => {
  test("is reached as it was named, with the given credential, and has no pull requests", async () => {
    const plain = createPlainForge({ credential: null });
    expect(plain.remote("/srv/n")).toEqual({ url: "/srv/n", credential: null });
    const request = { repository: "/srv/n", head: "a", base: "b", title: "t", body: "" };
    expect(await plain.openPullRequest(request, new AbortController().signal)).toBeNull();
  });
});
