import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { serveGit } from "./git-http.ts";

let folder = "";
let bare = "";
let server: ReturnType<typeof Bun.serve>;
let allowPush = true;
const gitEnv = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.org",
};

async function git(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn(["git", ...args], {
    cwd,
    env: gitEnv,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

async function ok(cwd: string, ...args: string[]): Promise<string> {
  const result = await git(cwd, ...args);
  if (result.code !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
  return result.stdout.trim();
}

/** Processes whose environment names this test's repository: git and all that it started. */
async function serving(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    if (environment.includes(`GIT_PROJECT_ROOT=${bare}`)) found.push(pid);
  }
  return found;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await Bun.sleep(20);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "git-http-"));
  bare = join(folder, "repository.git");
  await ok(folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  const work = join(folder, "seed");
  await ok(folder, "init", "--quiet", "--initial-branch=main", work);
  for (const n of [1, 2, 3]) {
    await writeFile(join(work, "file.txt"), `version ${n}\n`);
    await ok(work, "add", "file.txt");
    await ok(work, "commit", "--quiet", "-m", `commit ${n}`);
  }
  await ok(work, "push", "--quiet", bare, "main");
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request) =>
      serveGit(request, {
        repositoryPath: bare,
        pathInfo: new URL(request.url).pathname.replace(/^\/r\.git/, ""),
        allowPush,
      }),
  });
});

afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const url = () => `${server.url.href}r.git`;
let clones = 0;
async function clone(...options: string[]): Promise<string> {
  const target = join(folder, `clone-${++clones}`);
  await ok(folder, "clone", "--quiet", "--single-branch", ...options, url(), target);
  return target;
}

describe("git over HTTP", () => {
  test("clones the whole history", async () => {
    expect(await ok(await clone(), "rev-list", "--count", "HEAD")).toBe("3");
  });

  test("clones the tip alone when asked for depth 1", async () => {
    expect(await ok(await clone("--depth", "1"), "rev-list", "--count", "HEAD")).toBe("1");
  });

  test("speaks protocol version 2 when the client does, and version 0 when it does not", async () => {
    const refs = (headers: Record<string, string>) =>
      fetch(`${url()}/info/refs?service=git-upload-pack`, { headers }).then((response) => response.text());
    expect(await refs({ "git-protocol": "version=2" })).toContain("version 2");
    expect(await refs({})).not.toContain("version 2");
  });

  test("takes a request that is compressed with gzip", async () => {
    const line = (text: string) => (text.length + 4).toString(16).padStart(4, "0") + text;
    const body = `${line("command=ls-refs\n")}0001${line("peel\n")}0000`;
    const response = await fetch(`${url()}/git-upload-pack`, {
      method: "POST",
      headers: {
        "content-type": "application/x-git-upload-pack-request",
        "content-encoding": "gzip",
        "git-protocol": "version=2",
      },
      body: gzipSync(body),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("refs/heads/main");
  });

  test("takes a push of 30 MB, which git sends in chunks without a length", async () => {
    const work = await clone();
    const big = new Uint8Array(30 * 1024 * 1024);
    for (let at = 0; at < big.length; at += 65_536) crypto.getRandomValues(big.subarray(at, at + 65_536));
    await writeFile(join(work, "big.bin"), big);
    await ok(work, "add", "big.bin");
    await ok(work, "commit", "--quiet", "-m", "big");
    await ok(work, "push", "--quiet", "origin", "HEAD:refs/heads/big");
    expect(await ok(bare, "rev-parse", "refs/heads/big")).toBe(await ok(work, "rev-parse", "HEAD"));
    expect(await ok(bare, "cat-file", "-s", "refs/heads/big:big.bin")).toBe(String(big.length));
  }, 60_000);

  test("ends git when the client leaves in the middle of a clone", async () => {
    // The 30 MB branch of the test before does not fit into any pipe: git is still sending when we leave.
    const want = await ok(bare, "rev-parse", "refs/heads/big");
    const line = (text: string) => (text.length + 4).toString(16).padStart(4, "0") + text;
    const leave = new AbortController();
    const response = await fetch(`${url()}/git-upload-pack`, {
      method: "POST",
      headers: { "content-type": "application/x-git-upload-pack-request", "git-protocol": "version=2" },
      body: `${line("command=fetch\n")}0001${line(`want ${want}\n`)}${line("done\n")}0000`,
      signal: leave.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    expect((await serving()).length).toBeGreaterThan(0);
    leave.abort();
    await until(async () => (await serving()).length === 0);
  }, 30_000);

  test("refuses a push when pushing is not allowed, and still serves clones", async () => {
    const work = await clone();
    await ok(work, "commit", "--quiet", "--allow-empty", "-m", "refused");
    allowPush = false;
    try {
      const push = await git(work, "push", "origin", "HEAD:refs/heads/refused");
      expect(push.code).not.toBe(0);
      expect(push.stderr).toContain("403");
      await clone();
      expect((await fetch(`${url()}/git-receive-pack`, { method: "POST", body: "0000" })).status).toBe(403);
    } finally {
      allowPush = true;
    }
    expect((await git(bare, "rev-parse", "--verify", "--quiet", "refs/heads/refused")).code).not.toBe(0);
  });

  test.each([
    ["GET", "/HEAD"],
    ["GET", "/objects/info/packs"],
    ["GET", "/info/refs"],
    ["GET", "/info/refs?service=git-upload-archive"],
    ["GET", "/info/refs?service=git-upload-pack&service=git-receive-pack"],
    ["GET", "/git-upload-pack"],
    ["POST", "/info/refs?service=git-upload-pack"],
    ["POST", "/git-upload-archive"],
    ["POST", "/../other.git/git-upload-pack"],
  ])("knows no route %s %s", async (method, path) => {
    expect((await fetch(url() + path, { method })).status).toBe(404);
  });

  test("answers 404 for a folder that is no repository", async () => {
    const response = await serveGit(new Request("http://host/info/refs?service=git-upload-pack"), {
      repositoryPath: join(folder, "nowhere.git"),
      pathInfo: "/info/refs",
      allowPush: false,
    });
    expect(response.status).toBe(404);
  });

  test("gives hooks the remote user and given variables, and nothing of the server's own environment", async () => {
    const report = join(folder, "hook-environment");
    await mkdir(join(bare, "hooks"), { recursive: true });
    await writeFile(join(bare, "hooks", "pre-receive"), `#!/bin/sh\nenv > '${report}'\n`, { mode: 0o755 });
    process.env.GIT_HTTP_TEST_CANARY = "leaked";
    const hooked = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) =>
        serveGit(request, {
          repositoryPath: bare,
          pathInfo: new URL(request.url).pathname,
          allowPush: true,
          remoteUser: "octocat",
          env: { PURPOSE: "test" },
          config: { "receive.denyDeletes": "true" },
        }),
    });
    try {
      const work = await clone();
      await ok(work, "commit", "--quiet", "--allow-empty", "-m", "hooked");
      await ok(work, "push", "--quiet", hooked.url.href, "HEAD:refs/heads/hooked");
      const seen = await readFile(report, "utf8");
      expect(seen).toContain("REMOTE_USER=octocat");
      expect(seen).toContain("PURPOSE=test");
      expect(seen).not.toContain("leaked");
      const deletion = await git(work, "push", hooked.url.href, ":refs/heads/hooked");
      expect(deletion.stderr).toContain("deletion prohibited");
    } finally {
      delete process.env.GIT_HTTP_TEST_CANARY;
      await rm(join(bare, "hooks", "pre-receive"));
      await hooked.stop(true);
    }
  });

  test("leaves no process and no zombie behind", async () => {
    await Promise.all(Array.from({ length: 8 }, () => clone("--bare")));
    await until(async () => (await serving()).length === 0);
    const children = Bun.spawnSync([
      "ps",
      "-o",
      "stat=,comm=",
      "--ppid",
      String(process.pid),
    ]).stdout.toString();
    expect(children.split("\n").filter((line) => line.startsWith("Z"))).toEqual([]);
  });
});
