import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { exportApp } from "./app-export.ts";
import { removeOlder } from "./remove-older.ts";
import { sourceHash } from "./source-hash.ts";

/** All that goes into the app. */
const SOURCES = [
  "packages/mobile/src/**/*",
  "packages/mobile/public/**/*",
  "packages/mobile/assets/**/*",
  "packages/mobile/*.{js,json,lock}",
  "packages/client/src/**/*",
  "packages/client/package.json",
  "packages/protocol/src/**/*",
  "packages/protocol/package.json",
];
const NAME = /^web-[0-9a-f]{12}$/;

/** The folder that the app of the present sources has, whether it is built or not. */
export async function webAppPath(root: string): Promise<string> {
  return join(root, "build", `web-${await sourceHash(root, SOURCES, "web 1\n")}`);
}

/** The app for browsers where it is built already; null where it is not. */
export async function builtWebApp(root: string): Promise<string | null> {
  const path = await webAppPath(root);
  return (await Bun.file(join(path, "index.html")).exists()) ? path : null;
}

/** Makes sure that the app for browsers is built of the present sources, and gives its folder. @throws SetupError */
export async function ensureWebApp(root: string, log: (line: string) => void): Promise<string> {
  const built = await builtWebApp(root);
  if (built !== null) return built;
  const path = await webAppPath(root);
  const unfinished = `${path}.${crypto.randomUUID()}.new`;
  await mkdir(join(root, "build"), { recursive: true });
  try {
    await exportApp({ root, platform: "web", into: unfinished, log });
    log("Compressing the app …");
    await compressFiles(unfinished);
    // Two that build the same at once: the first one's is as good.
    await rename(unfinished, path).catch(async (error: unknown) => {
      if ((await builtWebApp(root)) === null) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await removeOlder(root, NAME, path);
  return path;
}

const COMPRESSED = new Set([".js", ".css", ".html", ".svg", ".json", ".webmanifest"]);
/** Less is not worth a second file. */
const WORTH_BYTES = 512;

/** Puts `.br` and `.gz` beside each file that gets smaller by it: once here, instead of at each request. */
async function compressFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (!COMPRESSED.has(extname(name))) continue;
    const bytes = await readFile(path);
    if (bytes.length < WORTH_BYTES) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await writeFile(`${path}.br`, brotliCompressSync(bytes, { params }));
    await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
