import { afterEach, beforeEach, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { TestGateway } from "../test/gateway.ts";
import { Forwarder } from "./forwarder.ts";
import { GatewayClient } from "./gateway-client.ts";

let gateway: TestGateway;
let forwarder: Forwarder;
beforeEach(async () => {
  gateway = await TestGateway.start("http://127.0.0.1:9");
  forwarder = new Forwarder(new GatewayClient({ ...gateway.environment, onStop: () => undefined }));
});
afterEach(async () => {
  await forwarder[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

async function git(cwd: string, ...args: string[]): Promise<number> {
  const env = { PATH: process.env.PATH ?? "", HOME: cwd, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" };
  return await Bun.spawn(["git", ...args], { cwd, env, stdout: "ignore", stderr: "ignore" }).exited;
}

test("git clones and pushes through it, and the token is in no file of the clone", async () => {
  const clone = join(gateway.folder, "clone");
  expect(await git(gateway.folder, "clone", "--quiet", forwarder.repositoryUrl, clone)).toBe(0);
  const commit = [
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.org",
    "commit",
    "--quiet",
    "--allow-empty",
    "-mx",
  ];
  expect(await git(clone, ...commit)).toBe(0);
  expect(await git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/x")).toBe(0);
  expect(await gateway.repository.git("log", "--format=%s", "-1", "x")).toBe("x\n");
  expect(await Bun.spawn(["grep", "-r", gateway.token, clone], { stdout: "ignore" }).exited).toBe(1);
});

test("a body larger than a request buffer is streamed both ways, byte for byte", async () => {
  const sent = new Uint8Array(40 * 1024 * 1024).map((_, index) => (index * 7 + (index >> 12)) & 255);
  gateway.intercept = (request) => new Response(request.body, { headers: { "content-type": "x/y" } });
  const url = `${forwarder.repositoryUrl}/git-receive-pack`;
  const answer = await fetch(url, { method: "POST", body: sent });
  expect(answer.headers.get("content-type")).toBe("x/y");
  expect(Bun.hash(await answer.arrayBuffer())).toBe(Bun.hash(sent));
});

test("the first bytes of an answer pass before its last ones exist", async () => {
  const rest = Promise.withResolvers<void>();
  gateway.intercept = () =>
    new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode("first"));
          await rest.promise;
          controller.enqueue(new TextEncoder().encode("last"));
          controller.close();
        },
      }),
    );
  const answer = await fetch(`${forwarder.repositoryUrl}/info/refs`);
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toBe("first");
  rest.resolve();
  const last = await reader?.read();
  expect(new TextDecoder().decode(last?.value)).toBe("last");
});

test("the model, the worker's own calls and paths that climb out are refused as policy", async () => {
  const { origin } = new URL(forwarder.repositoryUrl);
  let passed = 0;
  gateway.intercept = () => {
    passed += 1;
    return null;
  };
  const paths = [
    "/v1/messages",
    "/farhand/v1/events",
    "/git/task.git/../../v1/messages",
    "/git/other.git/info/refs",
    "/",
  ];
  for (const path of paths) {
    const answer = await fetch(`${origin}${path}`, { method: "POST" });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: "policy" });
  }
  expect(passed).toBe(0);
});

test("only the headers that git needs reach the gateway", async () => {
  let seen = new Headers();
  gateway.intercept = (request) => {
    seen = request.headers;
    return new Response("ok");
  };
  const headers = {
    authorization: "Bearer forged",
    cookie: "a=b",
    "git-protocol": "version=2",
    "x-forged": "1",
  };
  await fetch(`${forwarder.repositoryUrl}/info/refs`, { headers });
  expect(seen.get("authorization")).toBe(`Bearer ${gateway.token}`);
  expect(seen.get("git-protocol")).toBe("version=2");
  expect(seen.get("cookie")).toBeNull();
  expect(seen.get("x-forged")).toBeNull();
});

test("while the gateway is away the answer says so", async () => {
  await gateway.down();
  await rm(gateway.socket, { force: true });
  const answer = await fetch(`${forwarder.repositoryUrl}/info/refs`);
  expect(answer.status).toBe(502);
});
