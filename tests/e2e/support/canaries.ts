import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { git } from "./git.ts";

/** The names of the secrets that a text holds, plain or as git and HTTP encode them. */
export type FindCanaries = (text: string) => string[];

/** A search for nothing would always succeed: that is refused. */
export function canaryFinder(secrets: Readonly<Record<string, string>>): FindCanaries {
  const entries = Object.entries(secrets);
  if (entries.length === 0) throw new Error("there is no canary to search for");
  for (const [name, secret] of entries)
    if (secret.length < 16) throw new Error(`the canary ${name} is too short to be told from other text`);
  const forms = entries.map(([name, secret]): [string, string[]] => [name, formsOf(secret)]);
  return (text) => forms.flatMap(([name, all]) => (all.some((form) => text.includes(form)) ? [name] : []));
}

/** How a secret may be written where no more was done to it than git and HTTP do. */
export function formsOf(secret: string): string[] {
  const users = ["x-access-token", "oauth2"].map((user) => btoa(`${user}:${secret}`));
  return [secret, btoa(secret), encodeURIComponent(secret), ...users];
}

/**
 * Searches every file's bytes, and every object of every git repository as it is when it is unpacked: a loose object or a
 * pack shows nothing of what is in it.
 *
 * @returns `place: names` of each find, places below the folder
 */
export async function searchFolder(folder: string, find: FindCanaries): Promise<string[]> {
  const hits: string[] = [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const names = entry.isFile()
      ? find(await bytesOf(path))
      : isRepository(entry)
        ? await inObjects(path, find)
        : [];
    if (names.length > 0) hits.push(`${relative(folder, path)}: ${names.join(", ")}`);
  }
  return hits.sort();
}

/** As {@link searchFolder}, over what is in a backup, the contents of its bundles included. */
export async function searchBackup(archive: string, find: FindCanaries): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "fh-backup-"));
  try {
    await run(["tar", "-xzf", archive, "-C", folder]);
    const { repositories } = (await Bun.file(join(folder, "manifest.json")).json()) as {
      repositories: { path: string; bundle: string | null }[];
    };
    const hits = await searchFolder(folder, find);
    // All into one, in their order: a task's bundle builds on its mirror's.
    const unpacked = join(folder, "unpacked.git");
    await git(["init", "--quiet", "--bare", unpacked]);
    const known = new Set<string>();
    for (const { path, bundle } of repositories) {
      if (bundle === null) continue;
      await git(["-C", unpacked, "bundle", "unbundle", join(folder, bundle)]);
      const names = (await inObjects(unpacked, find)).filter((name) => !known.has(name));
      for (const name of names) known.add(name);
      if (names.length > 0) hits.push(`${path}: ${names.join(", ")}`);
    }
    return hits;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes a backup of a data folder as the command line does. @returns the archive's path */
export async function takeBackup(dataDirectory: string, archive: string): Promise<string> {
  const said = await run([process.execPath, "packages/coordinator/src/backup.ts", "save", archive], {
    FARHAND_DATA: dataDirectory,
  });
  const last = said.trim().split("\n").at(-1) ?? "";
  if (!last.includes('"event":"saved"')) throw new Error(`no backup was taken: ${last}`);
  return archive;
}

/**
 * Commits a secret to a mirror of its own in a data folder, packed as git packs what has been there for a while.
 * @returns the mirror's place below the data folder; dispose it to take it away
 */
export async function plant(
  dataDirectory: string,
  secret: string,
): Promise<AsyncDisposable & { place: string }> {
  const place = `repos/mirrors/u_owner/planted.example/${crypto.randomUUID()}.git`;
  const repository = join(dataDirectory, place);
  await mkdir(repository, { recursive: true });
  const at = (...argv: string[]) => git(["-C", repository, ...argv]);
  await at("init", "--quiet", "--bare", "--initial-branch=main");
  const file = join(repository, "planted.txt");
  await Bun.write(file, `${"nothing to see here\n".repeat(20)}token = ${secret}\n`);
  const blob = await at("hash-object", "-w", file);
  await rm(file);
  const index = join(repository, "planted.index");
  await run(["git", "-C", repository, "update-index", "--add", "--cacheinfo", `100644,${blob},token.txt`], {
    GIT_INDEX_FILE: index,
  });
  const tree = await run(["git", "-C", repository, "write-tree"], { GIT_INDEX_FILE: index });
  await rm(index);
  await at("update-ref", "refs/heads/main", await at("commit-tree", tree.trim(), "-m", "Add a file"));
  await at("repack", "-adq");
  return { place, [Symbol.asyncDispose]: () => rm(repository, { recursive: true, force: true }) };
}

const isRepository = (entry: { name: string; isDirectory(): boolean }) =>
  entry.isDirectory() && entry.name.endsWith(".git");

async function inObjects(repository: string, find: FindCanaries): Promise<string[]> {
  return find(
    await run(["git", "-C", repository, "cat-file", "--batch-all-objects", "--batch", "--unordered"]),
  );
}

const bytesOf = async (path: string) => Buffer.from(await Bun.file(path).bytes()).toString("latin1");

/** What a program prints, byte for byte. Throws when it fails. */
async function run(argv: string[], env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn(argv, {
    cwd: join(import.meta.dir, "../../.."),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, GIT_CONFIG_NOSYSTEM: "1", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, complaint, code] = await Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${complaint}`);
  return Buffer.from(out).toString("latin1");
}
