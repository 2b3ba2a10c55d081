import { expect, test } from "bun:test";
import { ATTACHMENT_MAX_BYTES, Attachment, Problem } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const STRANGER = { id: "u_stranger", login: "stranger", token: "fho_stranger-token-for-tests" };
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const ID = "0b9f6f0e-3b0a-4c59-9d6e-0a4f1c2d3e4f";

async function open() {
  const stores = await openStores();
  await stores.users.setOwner(STRANGER);
  const app = appOver(stores);
  const ask = (
    method: string,
    path: string,
    init: { as?: typeof OWNER; type?: string; body?: string | Uint8Array<ArrayBuffer> } = {},
  ) =>
    app.request(`/api/attachments/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${(init.as ?? OWNER).token}`,
        ...(init.type ? { "content-type": init.type } : {}),
      },
      ...(init.body === undefined ? {} : { body: init.body }),
    });
  return { ...stores, ask, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
}

test("keeps a file's very bytes, and gives a picture as what its bytes are", async () => {
  await using world = await open();
  const made = await world.ask("PUT", `${ID}?name=${encodeURIComponent("Bild (1)ü.png")}`, {
    type: "image/png",
    body: PNG,
  });
  expect(made.status).toBe(201);
  expect(Attachment.parse(await made.json())).toEqual({
    id: ID,
    name: "Bild (1)ü.png",
    mediaType: "image/png",
    sizeBytes: PNG.length,
  });
  const got = await world.ask("GET", ID);
  expect(Buffer.from(await got.arrayBuffer()).equals(PNG)).toBe(true);
  expect(Object.fromEntries(got.headers)).toMatchObject({
    "content-type": "image/png",
    "content-disposition": "inline; filename*=UTF-8''Bild%20%281%29%C3%BC.png",
    "content-length": String(PNG.length),
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
});

test("is no page of ours, whatever its sender calls it", async () => {
  await using world = await open();
  for (const type of ["text/html", "image/svg+xml", "image/png"]) {
    const id = crypto.randomUUID();
    await world.ask("PUT", `${id}?name=a.html`, { type, body: "<script>alert(1)</script>" });
    const got = await world.ask("GET", id);
    expect(got.headers.get("content-type")).toBe("application/octet-stream");
    expect(got.headers.get("content-disposition")).toStartWith("attachment;");
  }
});

test("the same bytes again are the same attachment, and other bytes need an id of their own", async () => {
  await using world = await open();
  const put = (body: string) =>
    world.ask("PUT", `${ID}?name=a.txt`, { type: "text/plain; charset=utf-8", body });
  expect((await put("one")).status).toBe(201);
  expect((await put("one")).status).toBe(200);
  const other = await put("two");
  expect([other.status, Problem.parse(await other.json()).code]).toEqual([409, "conflict"]);
  expect(await (await world.ask("GET", ID)).text()).toBe("one");
});

test("two uploads of one id at once end as one", async () => {
  await using world = await open();
  const put = (body: string) => world.ask("PUT", `${ID}?name=a.txt`, { body });
  const answers = await Promise.all([put("one"), put("one"), put("one")]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
  expect(await (await world.ask("GET", ID)).text()).toBe("one");
});

test("nobody sees another's attachment, nor that it is there", async () => {
  await using world = await open();
  await world.ask("PUT", `${ID}?name=a.txt`, { body: "the owner's" });
  const get = await world.ask("GET", ID, { as: STRANGER });
  expect(get.status).toBe(404);
  // The same id is free to everybody, and nobody's bytes are written over.
  expect((await world.ask("PUT", `${ID}?name=b.txt`, { as: STRANGER, body: "mine" })).status).toBe(201);
  expect(await (await world.ask("GET", ID)).text()).toBe("the owner's");
  expect(await (await world.ask("GET", ID, { as: STRANGER })).text()).toBe("mine");
  await expect(world.attachments.named(STRANGER.id, [crypto.randomUUID()])).rejects.toThrow("never uploaded");
});

test("says what is wrong with one that it does not take", async () => {
  await using world = await open();
  const refused = async (path: string, init: Parameters<typeof world.ask>[2]) => {
    const answer = await world.ask("PUT", path, init);
    return [answer.status, Problem.parse(await answer.json()).detail];
  };
  expect(await refused(`${ID}?name=..%2Fa`, { body: "x" })).toEqual([
    400,
    expect.stringContaining("no slash"),
  ]);
  expect(await refused(`${ID}?name=a%0Ab`, { body: "x" })).toEqual([400, expect.stringContaining("control")]);
  expect(await refused(ID, { body: "x" })).toEqual([400, expect.stringContaining("name")]);
  expect(await refused("not-an-id?name=a", { body: "x" })).toEqual([400, expect.stringContaining("UUID")]);
  expect(await refused(`${ID}?name=a`, { type: "nonsense", body: "x" })).toEqual([
    400,
    expect.stringContaining("media type"),
  ]);
  expect(await refused(`${ID}?name=a`, { body: new Uint8Array(ATTACHMENT_MAX_BYTES + 1) })).toEqual([
    413,
    "An attachment has 10 MiB at most.",
  ]);
  // The tests' users have three mebibytes.
  expect(await refused(`${ID}?name=a`, { body: new Uint8Array(4 * 1024 * 1024) })).toEqual([
    413,
    expect.stringContaining("3 MiB"),
  ]);
});

const attachment = { id: ID, name: "a.txt", mediaType: "text/plain", sizeBytes: 3 };

test("one that no message names goes after a week, one that a task names with the task's files", async () => {
  await using world = await open();
  const { tasks, attachments, time, log } = world;
  const unnamed = crypto.randomUUID();
  for (const id of [ID, unnamed]) await world.ask("PUT", `${id}?name=a.txt`, { body: "one" });
  await tasks.create(newTask(1, { attachments: [attachment] }));
  const status = async (id: string) => (await world.ask("GET", id)).status;
  const sweep = () => attachments.sweep(world.clock.now());

  time.ms += 6 * 24 * 60 * 60_000;
  await sweep();
  expect([await status(ID), await status(unnamed)]).toEqual([200, 200]);
  time.ms += 2 * 24 * 60 * 60_000;
  await sweep();
  expect([await status(ID), await status(unnamed)]).toEqual([200, 404]);
  expect(await attachments.bytesOfTask(taskId(1))).toBe(3);

  await log.append(taskId(1), 0, [{ type: "task.removed", freedBytes: 0 }]);
  await sweep();
  expect(await status(ID)).toBe(404);
});

test("one that a fork brings along stays while either task is there", async () => {
  await using world = await open();
  await world.ask("PUT", `${ID}?name=a.txt`, { body: "one" });
  await world.tasks.create(newTask(1, { attachments: [attachment] }));
  const lines = await world.log.conversation(taskId(1));
  expect(lines[0]?.content.map(({ type }) => type)).toEqual(["farhand_attachment", "text"]);
  const fork = { from: { taskId: taskId(1), turn: 0 }, baseCommit: "a", revision: "a", lines };
  await world.tasks.create(newTask(2, { fork }));
  await world.log.append(taskId(1), 0, [{ type: "task.removed", freedBytes: 0 }]);
  await world.attachments.sweep(world.clock.now());
  const forTask = async (number: number) =>
    (await world.attachments.openForTask(taskId(number), ID))?.bytes.text() ?? null;
  expect([await forTask(1), await forTask(2)]).toEqual([null, "one"]);
});
