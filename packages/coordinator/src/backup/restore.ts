import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { failure } from "../domain/failure.ts";
import { describeFile, entriesOf, filesBelow, isMissing } from "./files.ts";
import { DATABASE, FILE_FOLDERS, FORMAT, isMemberPath, MANIFEST, Manifest } from "./manifest.ts";
import { restoreRepositories } from "./restore-repositories.ts";
import { list, TarError, unpack } from "./tar.ts";
import type { BackupTools, Report } from "./tools.ts";
import { badArchive, explained, notWhole } from "./trouble.ts";

export interface Restored {
  dataDirectory: string;
  createdAt: string;
  version: string;
  repositories: number;
}

/** What may be in a data folder that counts as empty: the lock that is held while this runs. */
const LOCK_FILES = /^coordinator\.lock(-journal|-wal|-shm)?$/;

/**
 * Puts an archive into an empty data folder, which the caller holds the lock of. All is unpacked and checked aside,
 * within the folder, and moved into place when nothing can be wrong any more; the database comes last, as what makes
 * the folder one with data.
 *
 * @throws FarhandError `not_found` for no such archive, `conflict` for a folder that is not empty or a schema that is
 * newer than this program, `invalid_request` for an archive that cannot be used, `disk_full`. Nothing is changed then.
 */
export async function restore(
  tools: BackupTools,
  options: { dataDirectory: string; file: string; report: Report; signal: AbortSignal },
): Promise<Restored> {
  const { dataDirectory, file, report, signal } = options;
  await checkArguments(dataDirectory, file);
  await using cleanup = new AsyncDisposableStack();
  try {
    report({ step: "unpack", detail: file, done: 0, total: 1 });
    await checkEntries(file, signal);
    // Within the data folder, which may be a disk of its own.
    const aside = await mkdtemp(join(dataDirectory, ".restoring-"));
    cleanup.defer(() => rm(aside, { recursive: true, force: true }));
    const unpacked = join(aside, "archive");
    await mkdir(unpacked);
    await unpack(file, unpacked, signal).catch((error: unknown) => {
      throw error instanceof TarError && !/No space left/.test(error.message) ? notWhole(file, error) : error;
    });
    const manifest = await readManifest(tools, file, unpacked);
    await checkMembers(manifest, file, unpacked, { report, signal });
    checkContents(tools, file, join(unpacked, DATABASE));
    const repos = join(aside, "repos");
    await restoreRepositories(tools, manifest.repositories, { from: unpacked, into: repos, report, signal });

    const moves: [from: string, to: string][] = [[repos, "repos"]];
    for (const folder of FILE_FOLDERS) moves.push([join(unpacked, folder), folder]);
    moves.push([join(unpacked, DATABASE), DATABASE]);
    for (const [from, to] of moves) {
      await rename(from, join(dataDirectory, to)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    }
    const { createdAt, version, repositories } = manifest;
    return { dataDirectory, createdAt, version, repositories: repositories.length };
  } catch (error) {
    throw explained(error, dataDirectory);
  }
}

async function checkArguments(dataDirectory: string, file: string): Promise<void> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile)
    throw failure("not_found", `There is no file ${file}.`, "Name an archive of `farhand backup`.");
  const others = (await entriesOf(dataDirectory)).filter(({ name }) => !LOCK_FILES.test(name));
  if (others.length > 0)
    throw failure(
      "conflict",
      `The data folder ${dataDirectory} is not empty. Nothing was changed.`,
      "Move it away, or name another one with FARHAND_DATA.",
    );
}

/** Plain files with plain names, the manifest first: nothing else is ever unpacked. */
async function checkEntries(file: string, signal: AbortSignal): Promise<void> {
  const entries = await list(file, signal).catch((error: unknown) => {
    throw error instanceof TarError ? notWhole(file, error) : error;
  });
  if (entries[0]?.name !== MANIFEST) throw badArchive(file, "it was not made by `farhand backup`");
  const [, ...members] = entries;
  if (entries.some(({ kind }) => kind !== "-") || members.some(({ name }) => !isMemberPath(listed(name))))
    throw badArchive(file, "it holds something that no backup holds");
}

/** tar lists a quote or a character beyond its locale with a backslash, which is no part of a plain name. */
const listed = (name: string) => name.replace(/\\([0-7]{3}|["'\\])/g, "_");

async function readManifest(tools: BackupTools, file: string, unpacked: string): Promise<Manifest> {
  let json: unknown;
  try {
    json = await Bun.file(join(unpacked, MANIFEST)).json();
  } catch (error) {
    throw badArchive(file, "its list of contents cannot be read", error);
  }
  const head = z.object({ format: z.number(), version: z.string(), schema: z.string() }).safeParse(json);
  if (!head.success) throw badArchive(file, "it was not made by `farhand backup`");
  const { format, version, schema } = head.data;
  if (format > FORMAT || !tools.knownMigrations.includes(schema)) throw newer(file, version);
  const manifest = Manifest.safeParse(json);
  if (!manifest.success) throw badArchive(file, "its list of contents makes no sense", manifest.error);
  return manifest.data;
}

const newer = (file: string, version: string) =>
  failure(
    "conflict",
    `${file} was written by a newer Farhand (${version}), whose data this one does not know. Nothing was changed.`,
    "Restore it with that version or a later one.",
  );

/** Every member is there as it was saved, and nothing else is. */
async function checkMembers(
  { members }: Manifest,
  file: string,
  unpacked: string,
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<void> {
  const expected = new Map(members.map((member) => [member.path, member]));
  const found = (await filesBelow(unpacked)).filter(({ path }) => path !== MANIFEST);
  for (const [index, { path, isPlain }] of found.entries()) {
    signal.throwIfAborted();
    report({ step: "verify", detail: path, done: index, total: found.length });
    const member = expected.get(path);
    if (!isPlain || member === undefined) throw badArchive(file, "it holds something that no backup holds");
    expected.delete(path);
    const { sizeBytes, sha256 } = await describeFile(join(unpacked, path));
    if (sizeBytes !== member.sizeBytes || sha256 !== member.sha256)
      throw badArchive(file, `${path} in it is not as it was saved`);
  }
  const [missing] = expected.keys();
  if (missing !== undefined) throw badArchive(file, `${missing} is missing in it`);
}

function checkContents(tools: BackupTools, file: string, database: string): void {
  const { damage, migrations } = tools.checkDatabase(database);
  if (damage !== null) throw badArchive(file, `its database is damaged (${damage})`);
  if (migrations.length === 0) throw badArchive(file, "its database is not Farhand's");
  const unknown = migrations.find((name) => !tools.knownMigrations.includes(name));
  if (unknown !== undefined) throw newer(file, unknown);
}
