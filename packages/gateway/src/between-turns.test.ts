import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Door, delta, notice, problemIn, routes, until } from "../test/fixture.ts";

let door: Door;
beforeEach(async () => {
  door = await Door.open();
});
afterEach(() => door[Symbol.asyncDispose]());

describe("between two turns", () => {
  const closed = routes.filter(([, path]) => !/assignment|events/.test(path));

  test.each(closed)("%s %s is refused, and says that the turn is over", async (method, path) => {
    door.ports.isResting = true;
    const problem = await problemIn(await door.fetch(path, { method }));
    expect([problem.status, problem.code]).toEqual([403, "policy"]);
    expect(problem.detail).toContain("The turn is over");
  });

  test("the next turn can be asked for and events be reported", async () => {
    door.ports.isResting = true;
    expect((await door.fetch("/farhand/v1/assignment?after=1")).status).toBe(200);
    expect((await door.post("/farhand/v1/events", { events: [notice(1)] })).status).toBe(200);
  });

  test("everything is open again once the next turn has begun", async () => {
    door.ports.isResting = true;
    expect((await door.post("/farhand/v1/messages", { after: 0 })).status).toBe(403);
    door.ports.isResting = false;
    expect((await door.post("/farhand/v1/messages", { after: 0 })).status).toBe(200);
  });

  test("an inbox request from before goes on", async () => {
    const held = door.fetch("/farhand/v1/inbox?after=0");
    await until(() => door.ports.waiting === 1);
    door.ports.isResting = true;
    const looks = door.ports.claims + 2;
    await until(() => door.ports.claims >= looks);
    door.ports.send({ n: 1, type: "stop" });
    expect(await (await held).json()).toEqual({ items: [{ n: 1, type: "stop" }] });
  });

  test("a newer attempt still ends what an older one has open", async () => {
    const held = door.fetch("/farhand/v1/inbox?after=0");
    await until(() => door.ports.waiting === 1);
    door.ports.attempt = 2;
    door.ports.isResting = true;
    expect((await door.post("/farhand/v1/deltas", { deltas: [delta] }, { token: "two" })).status).toBe(403);
    expect((await problemIn(await held)).code).toBe("stale_attempt");
  });
});
