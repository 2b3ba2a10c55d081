import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "./app.ts";
import type { ApiContext } from "./context.ts";
import { openWebApp, type WebApp } from "./web-app.ts";

const PAGE = '<!doctype html><style id="react-native-stylesheet"></style><div id="root"></div>';
const SCRIPT = "/_expo/static/js/web/entry-0123456789abcdef0123456789abcdef.js";

let folder: string;
let webApp: WebApp;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-web-"));
  const write = (path: string, text: string) => Bun.write(join(folder, path), text);
  await write("index.html", PAGE);
  await write("index.html.gz", "gzipped page");
  await write("index.html.br", "brotli page");
  await write("sw.js", "worker");
  await write(SCRIPT, "script");
  await write("notes.txt", "of no known type");
  webApp = await openWebApp(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Nobody is signed in, and nothing but the app is asked for. */
const context = {
  version: "1.2.3",
  commands: {},
  signIn: { url: () => "http://localhost", providers: [] },
  authenticator: { identify: async () => null },
  logger: { info: () => undefined, error: () => undefined },
} as unknown as ApiContext;

const ask = (path: string, headers: Record<string, string> = {}, app: WebApp | null = webApp) =>
  createApp(context, { webApp: app }).request(path, { headers });

describe("the app's page", () => {
  test.each(["/", "/new", "/settings/keys", "/task/t_01j9z3k4m5n6p7q8r9s0t1v2w3/changes?file=a&line=3"])(
    "is at %s, and is asked for anew each time",
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe(PAGE);
      expect(answer.headers.get("cache-control")).toBe("no-cache");
    },
  );

  test.each(["/api/nothing", "/api/tasks", "/elsewhere", "/tasks", "/taskforce", "/settings.php"])(
    "is not at %s",
    async (path) => {
      const answer = await ask(path);
      expect([401, 404]).toContain(answer.status);
      expect(answer.headers.get("content-type")).toStartWith("application/problem+json");
    },
  );

  test("says at a wrong address that there is nothing, to a browser and not to a program", async () => {
    const browser = { accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" };
    const answer = await ask("/elsewhere", { ...browser, "if-none-match": '"any"' });
    expect([answer.status, await answer.text()]).toEqual([404, PAGE]);
    for (const [path, headers, app] of [
      ["/api/nothing", browser, webApp],
      ["/elsewhere", browser, null],
      ["/elsewhere", { accept: "*/*" }, webApp],
    ] as const) {
      const other = await ask(path, headers, app);
      expect(other.headers.get("content-type")).toStartWith("application/problem+json");
    }
  });

  test("has a policy that lets in nothing inline but the one empty style element", async () => {
    const policy = (await ask("/")).headers.get("content-security-policy") ?? "";
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    const hash = new Bun.CryptoHasher("sha256").update("").digest("base64");
    expect(policy).toContain(`style-src 'self' 'sha256-${hash}'`);
  });

  test("may use the microphone, and other pages may not", async () => {
    expect((await ask("/")).headers.get("permissions-policy")).toContain("microphone=(self)");
    expect((await ask("/api/docs")).headers.get("permissions-policy")).toContain("microphone=()");
  });

  test("comes compressed where the browser takes it", async () => {
    const body = async (accepted: string) => {
      const answer = await ask("/", { "accept-encoding": accepted });
      return [answer.headers.get("content-encoding"), await answer.text()];
    };
    expect(await body("gzip, deflate, br, zstd")).toEqual(["br", "brotli page"]);
    expect(await body("gzip")).toEqual(["gzip", "gzipped page"]);
    expect(await body("br;q=0, gzip;q=0.5")).toEqual(["gzip", "gzipped page"]);
    expect(await body("identity")).toEqual([null, PAGE]);
    expect((await ask("/")).headers.get("vary")).toContain("accept-encoding");
  });

  test("is not sent again to who has it", async () => {
    const etag = (await ask("/")).headers.get("etag") ?? "";
    const again = await ask("/", { "if-none-match": etag });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    // A proxy may have weakened it.
    expect((await ask("/", { "if-none-match": `W/${etag}` })).status).toBe(304);
    expect((await ask("/", { "if-none-match": '"other"' })).status).toBe(200);
  });
});

describe("the app's files", () => {
  test("are kept for ever where their names change with their content, and else asked for anew", async () => {
    const script = await ask(SCRIPT);
    expect([script.status, await script.text()]).toEqual([200, "script"]);
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await ask("/sw.js")).headers.get("cache-control")).toBe("no-cache");
  });

  test("let a service worker fetch from this server, and from no other", async () => {
    const policy = (await ask("/sw.js")).headers.get("content-security-policy");
    expect(policy).toBe("default-src 'none'; script-src 'self'; connect-src 'self'");
  });

  test.each(["/notes.txt", "/index.html.gz", "/../package.json", "/%2e%2e/package.json", "/_expo"])(
    "are those that were exported, with a type that is known: not %s",
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );
});

test("without an app its page says what to do, and nothing else changes", async () => {
  const answer = await ask("/", {}, null);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain("farhand app build web");
  expect((await ask("/sw.js", {}, null)).status).toBe(404);
});

test("a folder without an exported app is refused when the server starts", async () => {
  expect(openWebApp(join(folder, "_expo"))).rejects.toThrow("no exported app");
});
