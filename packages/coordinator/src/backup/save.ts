import { mkdir, mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failure } from "../domain/failure.ts";
import { copyFile, describeFile, filesBelow } from "./files.ts";
import { DATABASE, FILE_FOLDERS, FORMAT, isMemberPath, MANIFEST, Manifest, type Member } from "./manifest.ts";
import { saveRepositories } from "./save-repositories.ts";
import { pack } from "./tar.ts";
import type { BackupTools, Report } from "./tools.ts";
import { explained } from "./trouble.ts";

export interface Saved {
  file: string;
  sizeBytes: number;
  repositories: number;
  warnings: string[];
}

/**
 * Writes everything of a data folder but its secrets into one archive, also while a coordinator works in it. The
 * tokens stay behind, and so does the instance's name: two machines with one name on one engine would take each
 * other's sandboxes for their own.
 *
 * The database is copied before the repositories, which only grow: no row points to a commit that is not there.
 *
 * @throws FarhandError `conflict` when the file is there already, `not_found` for no data folder, `disk_full`
 */
export async function save(
  tools: BackupTools,
  options: { dataDirectory: string; file: string; report: Report; signal: AbortSignal },
): Promise<Saved> {
  const { dataDirectory, file, report, signal } = options;
  if (await exists(file))
    throw failure("conflict", `${file} is there already.`, "Name another file, or move that one away.");
  const database = join(dataDirectory, DATABASE);
  if (!(await exists(database)))
    throw failure(
      "not_found",
      `There is no data of Farhand in ${dataDirectory}.`,
      "Set FARHAND_DATA to the data folder of the coordinator.",
    );
  await using cleanup = new AsyncDisposableStack();
  try {
    await mkdir(dirname(file), { recursive: true });
    // Beside the archive: where there is room for it, there is room for what goes in.
    const staging = await mkdtemp(`${file}.staging-`);
    cleanup.defer(() => rm(staging, { recursive: true, force: true }));

    report({ step: "database", detail: DATABASE, done: 0, total: 1 });
    const copy = join(staging, DATABASE);
    tools.copyDatabase(database, copy);
    const { damage, migrations } = tools.checkDatabase(copy);
    if (damage !== null)
      throw failure(
        "internal",
        `The database is damaged: ${damage}.`,
        "Restore an earlier backup; one of this database would be no better than what is there.",
      );
    signal.throwIfAborted();

    const saved = await saveRepositories(tools, {
      from: join(dataDirectory, "repos"),
      into: staging,
      commits: tools.commitsOfTasks(copy),
      report,
      signal,
    });
    const skipped = await copyFolders(dataDirectory, staging, { report, signal });
    const members = await describe(staging, { report, signal });
    const manifest: Manifest = {
      format: FORMAT,
      version: tools.version,
      schema: migrations.at(-1) ?? "",
      createdAt: new Date().toISOString(),
      members,
      repositories: saved.repositories,
    };
    await Bun.write(join(staging, MANIFEST), JSON.stringify(Manifest.parse(manifest)));

    const partial = `${file}.partial`;
    cleanup.defer(() => rm(partial, { force: true }));
    report({ step: "archive", detail: file, done: 0, total: 1 });
    const sizeBytes = await writeArchive(
      partial,
      staging,
      [MANIFEST, ...members.map(({ path }) => path)],
      signal,
    );
    await rename(partial, file);
    const { repositories, warnings } = saved;
    return { file, sizeBytes, repositories: repositories.length, warnings: [...warnings, ...skipped] };
  } catch (error) {
    throw explained(error, dirname(file));
  }
}

/** On the disk for good when it returns. @returns its size */
async function writeArchive(
  path: string,
  folder: string,
  members: string[],
  signal: AbortSignal,
): Promise<number> {
  await using target = await open(path, "w", 0o600);
  await pack(folder, { members, into: target.fd, signal });
  await target.sync();
  return (await target.stat()).size;
}

/** @returns sentences on what is no plain file and therefore left out */
async function copyFolders(
  dataDirectory: string,
  staging: string,
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<string[]> {
  const skipped: string[] = [];
  for (const folder of FILE_FOLDERS) {
    const found = await filesBelow(join(dataDirectory, folder));
    for (const [index, { path, isPlain }] of found.entries()) {
      signal.throwIfAborted();
      const member = `${folder}/${path}`;
      if (index % 100 === 0) report({ step: "files", detail: folder, done: index, total: found.length });
      if (!isPlain || !isMemberPath(member)) {
        skipped.push(`${JSON.stringify(member)} is left out: it is no plain file with a plain name`);
        continue;
      }
      await mkdir(dirname(join(staging, member)), { recursive: true });
      await copyFile(join(dataDirectory, member), join(staging, member));
    }
  }
  return skipped;
}

async function describe(
  staging: string,
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<Member[]> {
  const members: Member[] = [];
  const found = await filesBelow(staging);
  for (const [index, { path }] of found.entries()) {
    signal.throwIfAborted();
    report({ step: "verify", detail: path, done: index, total: found.length });
    members.push({ path, ...(await describeFile(join(staging, path))) });
  }
  return members;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
