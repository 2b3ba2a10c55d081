import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { html } from "hono/html";
import { failure } from "../domain/failure.ts";
import type { ApiEnvironment } from "./context.ts";
import { PAGE_POLICY } from "./hygiene.ts";
import { sendPage } from "./page.ts";

/** The app as it was exported for browsers: files by their paths, such as `/index.html`. */
export interface WebApp {
  file(path: string): WebFile | null;
}

interface WebFile {
  type: string;
  /** Its name changes with its content, so a browser never needs to ask again. */
  isImmutable: boolean;
  etag: string;
  read(encoding: Encoding | null): Promise<Uint8Array<ArrayBuffer>>;
  /** Those that lie beside it. */
  encodings: readonly Encoding[];
}

type Encoding = "br" | "gzip";

const SUFFIXES: Record<Encoding, string> = { br: ".br", gzip: ".gz" };

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** The names that the bundler makes end in a hash of the content. */
const HASHED = /[.-][0-9a-f]{32}(@\dx)?\.[a-z0-9]+$/;

/** The app's own addresses, at which it is opened or loaded again. All others that are no file are not there. */
const APP_PATHS = /^\/$|^\/(new|settings|task|welcome)(\/|$)/;

/** SHA-256 of nothing. */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/**
 * As for every page, but for one thing: React Native's styles are put into a `<style>` element of the page by script.
 * The element comes with the page and is empty, so that its hash is known; rules that a script adds to it are no inline
 * style in the sense of the policy. Pictures may be made by the page itself, such as those of a diff.
 */
const APP_POLICY = PAGE_POLICY.replace("style-src 'self'", `style-src 'self' ${EMPTY_STYLE}`).replace(
  "img-src 'self'",
  "img-src 'self' blob: data:",
);

const WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** Dictation needs the microphone, and a person who allows it. */
const APP_PERMISSIONS = "camera=(), geolocation=(), microphone=(self)";

/** @throws FarhandError `not_ready` where there is no exported app */
export async function openWebApp(folder: string): Promise<WebApp> {
  const paths = await listFiles(folder).catch(() => []);
  const all = new Set(paths);
  if (!all.has("/index.html"))
    throw failure(
      "not_ready",
      `There is no exported app in ${folder}.`,
      "Make one with `farhand app build web`, or leave FARHAND_WEB_APP out.",
    );
  const files = new Map<string, WebFile>();
  for (const path of paths) {
    const type = TYPES[extname(path)];
    if (!type) continue;
    const bytes = await readFile(join(folder, path));
    files.set(path, {
      type,
      isImmutable: HASHED.test(path),
      etag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22),
      encodings: (["br", "gzip"] as const).filter((encoding) => all.has(`${path}${SUFFIXES[encoding]}`)),
      read: async (encoding) =>
        new Uint8Array(await readFile(join(folder, `${path}${encoding ? SUFFIXES[encoding] : ""}`))),
    });
  }
  return { file: (path) => files.get(path) ?? null };
}

async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const name of names)
    if ((await stat(join(folder, name))).isFile()) files.push(`/${relative(folder, join(folder, name))}`);
  return files;
}

/** Serves the app's files, and its page at each of its addresses. */
export function mountWebApp(app: OpenAPIHono<ApiEnvironment>, webApp: WebApp | null): void {
  app.use(async (c, next) => {
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    const { path } = c.req;
    if (!isRead || path.startsWith("/api/")) return next();
    const isAppPath = APP_PATHS.test(path);
    if (!webApp) return isAppPath ? withoutApp(c) : next();
    const file = webApp.file(isAppPath ? "/index.html" : path);
    return file ? send(c, file) : next();
  });
}

/**
 * For whoever followed a wrong address in a browser: the app, which says so in its own words and leads home. Null where
 * there is no app, and for programs.
 */
export function sendNotFoundPage(
  c: Context<ApiEnvironment>,
  webApp: WebApp | null,
): Promise<Response> | null {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const wantsPage = c.req.header("accept")?.includes("text/html") ?? false;
  const page = isRead && wantsPage && !c.req.path.startsWith("/api/") ? webApp?.file("/index.html") : null;
  return page ? send(c, page, 404) : null;
}

async function send(c: Context<ApiEnvironment>, file: WebFile, status: 200 | 404 = 200): Promise<Response> {
  const encoding = chosen(file, c.req.header("accept-encoding") ?? "");
  const etag = `"${file.etag}${encoding ? `-${encoding}` : ""}"`;
  c.header("cache-control", file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache");
  c.header("etag", etag);
  c.header("vary", "accept-encoding", { append: true });
  if (file.type.startsWith("text/html")) {
    c.header("content-security-policy", APP_POLICY);
    c.header("permissions-policy", APP_PERMISSIONS);
    // Its forms go to pages of this server, which want to know that they come from here.
    c.header("referrer-policy", "same-origin");
  }
  // A service worker lives by the policy of its own file, and fetches for the page.
  else if (file.type.startsWith("text/javascript")) c.header("content-security-policy", WORKER_POLICY);
  if (status === 200 && c.req.header("if-none-match")?.includes(etag)) return c.body(null, 304);
  if (encoding) c.header("content-encoding", encoding);
  return c.body(await file.read(encoding), status, { "content-type": file.type });
}

function chosen(file: WebFile, accepted: string): Encoding | null {
  const taken = new Set(
    accepted
      .split(",")
      .map((part) => part.trim().toLowerCase())
      .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
      .map((part) => part.split(";")[0]?.trim()),
  );
  return file.encodings.find((encoding) => taken.has(encoding)) ?? null;
}

function withoutApp(c: Context<ApiEnvironment>): Response | Promise<Response> {
  return sendPage(c, {
    title: "The app is not here yet",
    status: 503,
    body: html`<p>This server runs without the app for browsers.</p>
<p>On the server's machine, run <code>farhand app build web</code>, and then start the server again.</p>
<p class="soft">The command line and the API work meanwhile.</p>
<a class="button quiet" href="/signed-in">Your account</a>`,
  });
}
