import { expect, test } from "bun:test";
import { NO_SERVER_KEYS, OWNER, openStores } from "../../test/stores.ts";

const MEMBER = { id: "u_member", login: "member", token: "fho_member-token-for-tests" };
const server = {
  ...NO_SERVER_KEYS,
  githubUrl: "https://github.com",
  githubApiUrl: "https://api.github.com",
  githubToken: "ghp-of-the-server",
};

async function open() {
  const stores = await openStores(":memory:", { server, resolve: async () => ["93.184.216.34"] });
  await stores.users.setOwner(MEMBER);
  const put = (userId: string, purpose: "github" | "gitlab", baseUrl: string, key: string) =>
    stores.keys.put(userId, { purpose, baseUrl, key }, true);
  return { ...stores, put, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
}

test("the server's own token is a forge of the owner's, and of nobody else", async () => {
  await using world = await open();
  expect(await world.vault.forges(OWNER.id)).toEqual([
    {
      keyId: "server",
      purpose: "github",
      baseUrl: "https://github.com",
      apiUrl: "https://api.github.com",
      token: "ghp-of-the-server",
      isTrusted: true,
    },
  ]);
  expect(await world.vault.forges(MEMBER.id)).toEqual([]);
});

test("each key is a forge; one's own stands in the place of the server's, and no key of another's is there", async () => {
  await using world = await open();
  await world.put(OWNER.id, "github", "https://github.com", "ghp-of-the-owner-0123");
  await world.put(MEMBER.id, "gitlab", "https://gitlab.example.com", "glpat-of-the-member-01");
  await world.put(MEMBER.id, "github", "https://ghe.example.com", "ghp-of-the-member-0123");
  expect((await world.vault.forges(OWNER.id)).map(({ token }) => token)).toEqual(["ghp-of-the-owner-0123"]);
  const theirs = (await world.vault.forges(MEMBER.id)).map(({ apiUrl, isTrusted }) => [apiUrl, isTrusted]);
  expect(theirs.sort()).toEqual([
    ["https://ghe.example.com/api/v3", false],
    ["https://gitlab.example.com", false],
  ]);
});
