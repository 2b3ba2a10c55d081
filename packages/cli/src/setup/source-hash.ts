import { join } from "node:path";
import { Glob } from "bun";

/**
 * Twelve characters that stand for what something is built from: the files that the patterns name, without those of
 * tests, and what else decides about the outcome.
 */
export async function sourceHash(root: string, patterns: readonly string[], seed: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(seed);
  for (const pattern of patterns) {
    for (const path of (await Array.fromAsync(new Glob(pattern).scan({ cwd: root }))).toSorted()) {
      if (/\.test\.tsx?$/.test(path)) continue;
      const bytes = await Bun.file(join(root, path)).bytes();
      hash.update(`${path} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest("hex").slice(0, 12);
}
