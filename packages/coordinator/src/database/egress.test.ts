import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { EGRESS_HOSTS_MAX } from "@farhand/protocol";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { createEgressCalls } from "../run/egress-calls.ts";
import { createEgressStore } from "./egress.ts";

const REPOSITORY = "https://git.example.com/o/r";

let stores: Awaited<ReturnType<typeof openStores>>;
beforeEach(async () => {
  stores = await openStores();
});
afterEach(() => stores[Symbol.asyncDispose]());

const named = () => createEgressStore(stores.database, (address) => address.replace(/\.git$/, ""));

describe("what sandboxes may reach", () => {
  test("is the public package registries until somebody says otherwise", async () => {
    expect(await named().overview(OWNER.id)).toEqual({
      default: { mode: "packages", hosts: [] },
      repositories: [],
    });
    expect(await named().policy(OWNER.id, REPOSITORY)).toEqual({ mode: "packages", hosts: [] });
  });

  test("is one repository's own over its user's default, however the repository is spelt", async () => {
    const store = named();
    await store.setDefault(OWNER.id, { mode: "list", hosts: ["a.example.com", "a.example.com"] });
    await store.setRepository(OWNER.id, {
      repository: `${REPOSITORY}.git`,
      mode: "all",
      hosts: ["b.example.com"],
    });
    expect(await store.policy(OWNER.id, REPOSITORY)).toEqual({
      mode: "all",
      hosts: ["a.example.com", "b.example.com"],
    });
    expect(await store.policy(OWNER.id, "https://git.example.com/o/other")).toEqual({
      mode: "list",
      hosts: ["a.example.com"],
    });
    await store.setRepository(OWNER.id, { repository: REPOSITORY, mode: null, hosts: [] });
    expect((await store.overview(OWNER.id)).repositories).toEqual([]);
  });

  test("is nobody else's", async () => {
    await stores.database
      .insertInto("users")
      .values({ id: "u_other", login: "other", token_hash: "x", created_at: "2026-01-01T00:00:00.000Z" })
      .execute();
    await named().setDefault("u_other", { mode: "all", hosts: [] });
    await named().allow("u_other", REPOSITORY, "x.example.com");
    expect(await named().policy(OWNER.id, REPOSITORY)).toEqual({ mode: "packages", hosts: [] });
  });

  test("grows by a host once, and not without end", async () => {
    const store = named();
    const both = await Promise.all([1, 2].map(() => store.allow(OWNER.id, REPOSITORY, "a.example.com")));
    expect(both.sort()).toEqual([false, true]);
    expect(await store.policy(OWNER.id, REPOSITORY)).toEqual({ mode: "packages", hosts: ["a.example.com"] });
    const hosts = Array.from({ length: EGRESS_HOSTS_MAX }, (_, index) => `h${index}.example.com`);
    await store.setRepository(OWNER.id, { repository: REPOSITORY, mode: null, hosts });
    await expect(store.allow(OWNER.id, REPOSITORY, "b.example.com")).rejects.toThrow("no more");
  });
});

describe("a refusal", () => {
  const claim = { taskId: taskId(1), attempt: 1 };
  const refusal = (host: string) => ({ host, port: 443, rule: "not_listed" as const });
  const hosts = async () => {
    const { events } = await stores.log.read(taskId(1), 0, 1000);
    return events.flatMap(({ body }) => (body.type === "egress.refused" ? [body.host] : []));
  };

  test("is told of once a host and turn, and of so many hosts only", async () => {
    await stores.tasks.create(newTask(1));
    const calls = createEgressCalls({ ...stores, egress: named() });
    await Promise.all([1, 2, 3].map(() => calls.egressRefused(claim, refusal("a.example.com"))));
    expect(await hosts()).toEqual(["a.example.com"]);
    for (let index = 0; index < 60; index++)
      await calls.egressRefused(claim, refusal(`h${index}.example.com`));
    expect(await hosts()).toHaveLength(50);
  });

  test("follows the policy of the moment", async () => {
    await stores.tasks.create(newTask(1));
    const store = named();
    const calls = createEgressCalls({ ...stores, egress: store });
    const target = { host: "a.example.com", port: 443, via: "connect" as const };
    const before = await calls.egress(claim);
    expect([before.mode, before.turn, before.decide(target)]).toEqual([
      "packages",
      1,
      { allowed: false, rule: "not_listed" },
    ]);
    await store.allow(OWNER.id, newTask(1).repository, "a.example.com");
    expect((await calls.egress(claim)).decide(target)).toEqual({ allowed: true, isRaw: false });
  });
});
