import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { runCommand } from "./command.ts";
import { followEngine } from "./engine-stream.ts";
import { isDebianLike, type OsRelease } from "./os-release.ts";
import { SetupError } from "./setup-error.ts";

/** The base that everybody has who can reach an image registry. */
export const PUBLIC_BASE = "debian:bookworm-slim";

/** The base made of a distribution's own packages, one per release. */
export const localBase = (codename: string) => `farhand/base:${codename}`;

const PULL_IDLE_MS = 20_000;
const IMPORT_IDLE_MS = 120_000;

/** What slim images leave out as well: what nobody reads in a container. */
const SLIM = [
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/locale/*",
  "path-exclude=/usr/share/doc/*",
];

interface BaseOptions {
  docker: Docker;
  release: OsRelease | null;
  /** The public image to try first. */
  publicBase: string;
  log: (line: string) => void;
}

export async function hasImage(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return false;
    throw error;
  }
}

/**
 * Gives the name of a base image that the engine has: one that is there already, else the public one, else one
 * made of the distribution's packages. Throws {@link SetupError} where none of these can be had.
 */
export async function ensureBaseImage(options: BaseOptions): Promise<string> {
  const { docker, release, publicBase, log } = options;
  if (await hasImage(docker, publicBase)) return publicBase;
  const local = isDebianLike(release) ? localBase(release.codename) : null;
  if (local !== null && (await hasImage(docker, local))) return local;

  log(`Pulling ${publicBase} …`);
  const refusal = await pull(docker, publicBase);
  if (refusal === null) return publicBase;
  log(`No image registry answered (${refusal}).`);

  if (!isDebianLike(release) || local === null) {
    throw new SetupError(
      `The base image ${publicBase} cannot be pulled: ${refusal}.`,
      `Give this machine access to an image registry, or load the image by hand: docker load < image.tar with ${publicBase} in it.`,
    );
  }
  log(`Making ${local} from ${release.prettyName}'s own packages (about half a minute) …`);
  await makeFromPackages(docker, release, local, log);
  return local;
}

/** Null when it worked, else the reason why not. */
async function pull(docker: Docker, name: string): Promise<string | null> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), PULL_IDLE_MS);
  try {
    const stream = await docker.pull(name, { abortSignal: abort.signal });
    clearTimeout(limit);
    await followEngine(stream, { idleMs: PULL_IDLE_MS, onLine: () => {} });
    return (await hasImage(docker, name)) ? null : "the engine did not keep it";
  } catch (error) {
    return abort.signal.aborted
      ? `no answer within ${PULL_IDLE_MS / 1000} s`
      : error instanceof Error
        ? error.message.trim()
        : String(error);
  } finally {
    clearTimeout(limit);
    // Ends the engine's own tries too.
    abort.abort();
  }
}

async function makeFromPackages(
  docker: Docker,
  { codename, id }: { codename: string; id: string },
  tag: string,
  log: (line: string) => void,
): Promise<void> {
  await ensureMmdebstrap(log);
  const folder = await mkdtemp(join(tmpdir(), "farhand-base-"));
  try {
    const tar = join(folder, "base.tar");
    const made = await runCommand([
      "mmdebstrap",
      "--variant=minbase",
      // Ubuntu keeps much of what the worker's image needs beside its main component.
      ...(id === "ubuntu" ? ["--components=main,universe"] : []),
      ...SLIM.map((option) => `--dpkgopt=${option}`),
      codename,
      tar,
    ]);
    if (made.exitCode !== 0) {
      throw new SetupError(
        `No base image could be made from the packages of ${codename}:\n${made.lastLines}`,
        "Check that apt-get update works on this machine and that the disk has 1 GB free, then try again.",
      );
    }
    const [repo, release] = tag.split(":");
    const imported = await docker.importImage(tar, { repo, tag: release });
    await followEngine(imported, { idleMs: IMPORT_IDLE_MS, onLine: () => {} });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ensureMmdebstrap(log: (line: string) => void): Promise<void> {
  if (Bun.which("mmdebstrap") !== null) return;
  const install = "apt-get install -y --no-install-recommends mmdebstrap";
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      "A base image has to be made from packages, and mmdebstrap is not installed.",
      `Run: sudo ${install}`,
    );
  }
  log("Installing mmdebstrap …");
  await runCommand(["apt-get", "update"], { env: { DEBIAN_FRONTEND: "noninteractive" } });
  const installed = await runCommand(install.split(" "), { env: { DEBIAN_FRONTEND: "noninteractive" } });
  if (installed.exitCode !== 0) {
    throw new SetupError(`mmdebstrap could not be installed:\n${installed.lastLines}`, `Run: ${install}`);
  }
}
