import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
import { ask, openWay } from "../test/egress.ts";
import { type Door, OTHER_TASK, routes, TASK } from "../test/fixture.ts";
import type { SetupWay } from "./gateway.ts";

let door: Door;
let way: SetupWay;
let site: ReturnType<typeof Bun.serve>;
beforeEach(async () => {
  site = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("from the registry\n") });
  door = await openWay({ "registry.test": ["127.0.0.1"] });
  way = await door.gateway.openSetup(TASK, "one");
});
afterEach(async () => {
  await door[Symbol.asyncDispose]();
  await site.stop(true);
});

/** All that comes back over the setup's socket. */
function say(text: string, path = join(way.directory, way.socketName)): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let heard = "";
  const socket = connect({ path, allowHalfOpen: true }, () => socket.write(text));
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.once("end", () => socket.end());
  socket.once("error", reject);
  socket.once("close", () => resolve(heard));
  return promise;
}
const get = (token: string, host = "registry.test") =>
  `Bearer ${token}\r\nGET http://${host}:${site.port}/ HTTP/1.1\r\nhost: ${host}:${site.port}\r\nconnection: close\r\n\r\n`;

describe("the way of a setup", () => {
  test("has a folder of its own with one socket in it, and leads where the policy allows", async () => {
    expect(await readdir(way.directory)).toEqual(["e.sock"]);
    expect(join(way.directory, "..")).toBe(join(door.folder, "run"));
    expect(await say(get(way.token))).toContain("from the registry");
    expect(await say(get(way.token, "elsewhere.example"))).toStartWith("HTTP/1.1 403");
  });

  test("takes no other token, and its own opens no other door", async () => {
    for (const token of ["one", `${way.token}x`, way.token.slice(0, -1), "fhs_"])
      expect(await say(get(token))).toStartWith("HTTP/1.1 401");
    // The control: the attempt's token opens the attempt's way.
    expect(await ask(door, get("one").replace("Bearer one\r\n", ""))).toContain("from the registry");
    expect(await ask(door, get("one").replace("Bearer one\r\n", ""), way.token)).toStartWith("HTTP/1.1 401");
    for (const [method, path] of routes) {
      const body = method === "POST" ? "{}" : null;
      expect([path, (await door.fetch(path, { method, token: way.token, body })).status]).toEqual([
        path,
        401,
      ]);
    }
  });

  test("knows none of the gateway's routes", async () => {
    for (const [method, path] of routes) {
      const head = `${method} ${path} HTTP/1.1\r\nhost: gateway\r\n${PROTOCOL_HEADER}: ${PROTOCOL_VERSION}\r\nauthorization: Bearer one\r\nx-api-key: one\r\nconnection: close\r\n\r\n`;
      expect(await say(`Bearer ${way.token}\r\n${head}`)).toStartWith("HTTP/1.1 400");
      expect(await say(head)).toStartWith("HTTP/1.1 401");
    }
    expect(door.ports.log).toEqual([]);
    expect(door.ports.calls).toEqual([]);
  });

  test("ends with the attempt, with the setup and with the task", async () => {
    door.ports.attempt = 2;
    expect(await say(get(way.token))).toStartWith("HTTP/1.1 410");
    door.ports.attempt = 1;
    await way[Symbol.asyncDispose]();
    await expect(stat(way.directory)).rejects.toThrow("ENOENT");
    await way[Symbol.asyncDispose]();
    const before = way.token;
    way = await door.gateway.openSetup(TASK, "one");
    expect(way.token).not.toBe(before);
    expect(await say(get(before))).toStartWith("HTTP/1.1 401");
    expect(await say(get(way.token))).toContain("from the registry");
    await door.gateway.close(TASK);
    await expect(stat(way.directory)).rejects.toThrow("ENOENT");
  });

  test("is closed when the next one is opened, and needs an id that is none of a folder", async () => {
    const next = await door.gateway.openSetup(TASK, "one");
    expect(await say(get(way.token))).toStartWith("HTTP/1.1 401");
    await way[Symbol.asyncDispose]();
    expect(await say(get(next.token))).toContain("from the registry");
    await expect(door.gateway.openSetup("../x", "one")).rejects.toThrow("is not a task id");
    // Another task's socket knows nothing of it.
    const other = await door.gateway.openSetup(OTHER_TASK, "one");
    expect(await say(get(next.token), join(other.directory, other.socketName))).toStartWith("HTTP/1.1 401");
  });
});
