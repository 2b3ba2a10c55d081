import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Git } from "./git.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-pinned-"));
const hits: string[] = [];
const server: Bun.Server<undefined> = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const { host, pathname } = new URL(request.url);
    hits.push(`${host}${pathname}`);
    if (pathname.startsWith("/moved/"))
      return Response.redirect(
        `http://127.0.0.1:${server.port}/elsewhere/info/refs?service=git-upload-pack`,
        302,
      );
    return new Response("", { status: 404 });
  },
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const git = new Git({ stallSeconds: 10 });
const lsRemote = (url: string, connectTo?: string) =>
  git.run({
    args: ["ls-remote", url],
    remote: { url, credential: null, ...(connectTo === undefined ? {} : { connectTo }) },
  });

test("git connects to the address that was looked at, under the host's own name", async () => {
  hits.length = 0;
  await lsRemote(`http://git.invalid:${server.port}/o/n.git`, "127.0.0.1");
  expect(hits[0]).toBe(`git.invalid:${server.port}/o/n.git/info/refs`);
});

test("git follows no redirect from there", async () => {
  hits.length = 0;
  await lsRemote(`http://git.invalid:${server.port}/moved/n.git`, "127.0.0.1");
  expect(hits).toEqual([`git.invalid:${server.port}/moved/n.git/info/refs`]);
});

test("git goes there itself, though the environment names a proxy", async () => {
  const before = process.env.http_proxy;
  process.env.http_proxy = `http://127.0.0.1:${server.port}`;
  try {
    const url = "http://git.invalid:9/o/n.git";
    hits.length = 0;
    await lsRemote(url, "127.0.0.1");
    expect(hits).toEqual([]);
    await lsRemote(url);
    expect(hits[0]).toStartWith("git.invalid:9/o/n.git/info/refs");
  } finally {
    if (before === undefined) delete process.env.http_proxy;
    else process.env.http_proxy = before;
  }
});

test("the control: without it the name is nobody's, and a redirect is followed", async () => {
  hits.length = 0;
  await lsRemote(`http://git.invalid:${server.port}/o/n.git`);
  expect(hits).toEqual([]);
  await lsRemote(`http://127.0.0.1:${server.port}/moved/n.git`);
  expect(hits.some((hit) => hit.includes("/elsewhere/"))).toBe(true);
});
