import { afterEach, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Door, OTHER_TASK, TASK, until } from "../test/fixture.ts";

const opened: Door[] = [];
afterEach(async () => {
  for (const door of opened.splice(0)) await door[Symbol.asyncDispose]();
});

/** A gateway that looks at its socket files all the time. */
async function watchedDoor(onError?: (error: unknown) => void): Promise<Door> {
  const door = await Door.open(undefined, { watchMs: 5, ...(onError ? { onError } : {}) });
  opened.push(door);
  return door;
}

/** What a new connection to the socket file meets. */
const status = (door: Door) =>
  door.fetch("/farhand/v1/assignment?after=0", { keepalive: false }).then(
    (response) => response.status,
    () => "nobody answers",
  );

async function untilAnswered(door: Door): Promise<void> {
  while ((await status(door)) !== 200) await Bun.sleep(5);
}

test("a socket file that is removed comes back in the same folder", async () => {
  const door = await watchedDoor();
  const folder = (await stat(dirname(door.socket))).ino;
  for (const _ of [1, 2, 3]) {
    await rm(door.socket);
    await untilAnswered(door);
  }
  expect((await stat(dirname(door.socket))).ino).toBe(folder);
  expect((await lstat(door.socket)).mode & 0o777).toBe(0o666);
  expect((await readdir(dirname(door.socket))).sort()).toEqual(["e.sock", "g.sock"]);
});

test.each<[string, (path: string) => Promise<void>]>([
  ["a file", (path) => writeFile(`${path}.x`, "x").then(() => rename(`${path}.x`, path))],
  [
    "a folder with something in it",
    (path) =>
      rm(path)
        .then(() => mkdir(join(path, "x"), { recursive: true }))
        .then(),
  ],
])("a socket file in whose place there is %s gives way to a new one", async (_, replace) => {
  const door = await watchedDoor();
  await replace(door.socket);
  await untilAnswered(door);
  expect((await lstat(door.socket)).isSocket()).toBe(true);
});

test("another socket that took the name is replaced, and so never asked for long", async () => {
  const door = await watchedDoor();
  await using impostor = await Door.open();
  await rename(impostor.socket, door.socket);
  impostor.ports.tokens.clear();
  await untilAnswered(door);
});

test("a folder that is gone is made again", async () => {
  const door = await watchedDoor();
  await rm(dirname(door.socket), { recursive: true });
  await untilAnswered(door);
  expect((await stat(dirname(door.socket))).mode & 0o777).toBe(0o755);
});

test("a request that is under way goes on while the file is made anew", async () => {
  const door = await watchedDoor();
  const held = door.fetch("/farhand/v1/inbox?after=0");
  await until(() => door.ports.waiting === 1);
  await rm(door.socket);
  await untilAnswered(door);
  door.ports.send({ n: 1, type: "messages" });
  expect(await (await held).json()).toEqual({ items: [{ n: 1, type: "messages" }] });
});

test("a request on a socket from before is cut when the task's socket is closed", async () => {
  const door = await watchedDoor();
  const held = door.fetch("/farhand/v1/inbox?after=0").then(
    () => "answered",
    () => "cut off",
  );
  await until(() => door.ports.waiting === 1);
  await rm(door.socket);
  await untilAnswered(door);
  await door.gateway.close(TASK);
  expect(await held).toBe("cut off");
  await until(() => door.ports.waiting === 0);
  await expect(stat(dirname(door.socket))).rejects.toThrow("ENOENT");
});

test("other tasks' sockets are left alone", async () => {
  const door = await watchedDoor();
  const { directory, socketName } = await door.gateway.open(OTHER_TASK);
  const before = await lstat(join(directory, socketName));
  await rm(door.socket);
  await untilAnswered(door);
  expect((await lstat(join(directory, socketName))).ino).toBe(before.ino);
});

test("a file that cannot be made anew is told of, and tried again until it can", async () => {
  const errors: unknown[] = [];
  const door = await watchedDoor((error) => errors.push(error));
  // In one go: the door makes its folder anew as soon as it gets to run.
  rmSync(dirname(door.socket), { recursive: true });
  writeFileSync(dirname(door.socket), "in the way");
  await until(() => errors.length > 1);
  expect(String(errors[0])).toMatch(/EEXIST|ENOTDIR/);
  await rm(dirname(door.socket));
  await untilAnswered(door);
});

test("a task can be opened again while it is being closed", async () => {
  const door = await watchedDoor();
  const closing = door.gateway.close(TASK);
  await door.gateway.open(TASK);
  await closing;
  expect(await status(door)).toBe(200);
});
