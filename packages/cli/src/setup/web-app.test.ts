import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SetupError } from "./setup-error.ts";
import { builtWebApp, ensureWebApp } from "./web-app.ts";

let root: string;
const said: string[] = [];
const ensure = () => ensureWebApp(root, (line) => said.push(line));
const write = (path: string, text: string) => Bun.write(join(root, path), text);

/** In the place of Expo: exports a page of what it was given, or breaks where the sources say so. */
const EXPO = `
const { cpSync, existsSync, mkdirSync, writeFileSync } = require("node:fs");
const into = process.argv[process.argv.indexOf("--output-dir") + 1];
if (existsSync("src/broken")) { console.log("SyntaxError: src/broken"); process.exit(1); }
console.log("Web Bundled 12ms index (3 modules)");
mkdirSync(into + "/_expo", { recursive: true });
cpSync("public/index.html", into + "/index.html");
mkdirSync(into + "/_expo/static/js/web", { recursive: true });
for (const name of ["entry-1", "screens-2"]) writeFileSync(into + "/_expo/static/js/web/" + name + ".js", name);
writeFileSync(into + "/_expo/entry.js", "x".repeat(10000) + process.argv.slice(2, 5) + process.env.EXPO_OFFLINE);
writeFileSync(into + "/icon.png", "y".repeat(10000));
`;

const PAGE = `<head></head><script src="/_expo/static/js/web/entry-1.js"></script>`;

beforeEach(async () => {
  said.length = 0;
  root = await mkdtemp(join(tmpdir(), "farhand-web-"));
  await write("packages/mobile/public/index.html", PAGE);
  await write("packages/mobile/src/app.ts", "one");
  await write("packages/client/src/app.ts", "one");
  await write("packages/mobile/node_modules/expo/bin/cli", EXPO);
  // As if the dependencies had been installed.
  await write("packages/mobile/bun.lock", "lock");
  await write("packages/mobile/node_modules/.farhand-stamp", "lock");
});

afterEach(() => rm(root, { recursive: true, force: true }));

test("the app is built once for the same sources, and compressed", async () => {
  expect(await builtWebApp(root)).toBeNull();
  const path = await ensure();
  expect(await ensure()).toBe(path);
  expect(await builtWebApp(root)).toBe(path);
  expect(said).toEqual([
    "Bundling the app for web …",
    "Web Bundled 12ms index (3 modules)",
    "Compressing the app …",
  ]);
  const script = await Bun.file(join(path, "_expo/entry.js")).text();
  expect(script).toEndWith("export,-p,web1");
  const gzipped = await Bun.file(join(path, "_expo/entry.js.gz")).bytes();
  expect(gunzipSync(gzipped).toString()).toBe(script);
  expect((await readdir(path, { recursive: true })).toSorted()).toEqual([
    "_expo",
    "_expo/entry.js",
    "_expo/entry.js.br",
    "_expo/entry.js.gz",
    "_expo/static",
    "_expo/static/js",
    "_expo/static/js/web",
    "_expo/static/js/web/entry-1.js",
    "_expo/static/js/web/screens-2.js",
    "icon.png",
    "index.html",
  ]);
});

test("the page names the scripts that it loads later, and no others", async () => {
  const html = await Bun.file(join(await ensure(), "index.html")).text();
  expect(html.match(/<link rel="prefetch" href="[^"]*">/g)).toEqual([
    '<link rel="prefetch" href="/_expo/static/js/web/screens-2.js">',
  ]);
  expect(html.indexOf("prefetch")).toBeLessThan(html.indexOf("</head>"));
});

test("a change of the app or of the client makes another build, one of a test does not", async () => {
  const first = await ensure();
  await write("packages/mobile/src/app.test.tsx", "a test");
  expect(await ensure()).toBe(first);
  const paths = new Set([first]);
  for (const file of [
    "packages/mobile/src/app.ts",
    "packages/mobile/public/index.html",
    "packages/client/src/app.ts",
  ]) {
    await write(file, "changed");
    paths.add(await ensure());
  }
  expect(paths.size).toBe(4);
  // The present one, and the last before it.
  expect(await readdir(join(root, "build"))).toHaveLength(2);
});

test("what does not build says why, and leaves nothing half done", async () => {
  await write("packages/mobile/src/broken", "");
  const error = await ensure().catch((it: unknown) => it);
  expect(error).toBeInstanceOf(SetupError);
  expect(String(error)).toContain("SyntaxError: src/broken");
  expect(await readdir(join(root, "build"))).toEqual([]);
});
