import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { ensureBaseImage, hasImage, localBase, PUBLIC_BASE } from "./base-image.ts";
import { followEngine } from "./engine-stream.ts";
import { isDebianLike, type OsRelease, readOsRelease } from "./os-release.ts";
import { SetupError } from "./setup-error.ts";

/** Where a Linux distribution keeps all the authorities that the host trusts, in one file. */
const HOST_CA_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** A build may be silent while a package unpacks, but never this long. */
const BUILD_IDLE_MS = 600_000;

export interface WorkerImage {
  /** `farhand/worker:<hash of all that it is made of>` */
  image: string;
  /** False when it was there already. */
  built: boolean;
  base: string;
}

export interface WorkerImageOptions {
  docker: Docker;
  /** The repository's root folder. */
  root: string;
  log: (line: string) => void;
  /** The image to try first as a base; a public Debian if left out. */
  publicBase?: string;
}

/** What the image's name is made of: the same name means the same content. */
export function workerImageName(parts: { dockerfile: string; base: string; caBundle: string }): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of [parts.base, parts.dockerfile, parts.caBundle]) hash.update(`${part.length}:${part}`);
  return `farhand/worker:${hash.digest("hex").slice(0, 12)}`;
}

/** The worker image that is there for this Dockerfile, whichever base it was built on; null where none is. */
export async function findWorkerImage(
  options: Pick<WorkerImageOptions, "docker" | "root" | "publicBase">,
): Promise<{ image: string; base: string } | null> {
  const dockerfile = await Bun.file(dockerfilePath(options.root)).text();
  const caBundle = await readCaBundle();
  for (const base of bases(options.publicBase ?? PUBLIC_BASE, await readOsRelease())) {
    const image = workerImageName({ dockerfile, base, caBundle });
    if (await hasImage(options.docker, image)) return { image, base };
  }
  return null;
}

/**
 * Makes sure that the image which tasks run in is there: takes the present one, else builds it. No Docker command
 * line is needed. Throws {@link SetupError} when it cannot be built.
 */
export async function ensureWorkerImage(options: WorkerImageOptions): Promise<WorkerImage> {
  const present = await findWorkerImage(options);
  if (present !== null) return { ...present, built: false };

  const publicBase = options.publicBase ?? PUBLIC_BASE;
  const base = await ensureBaseImage({ ...options, publicBase, release: await readOsRelease() });
  const caBundle = await readCaBundle();
  const dockerfile = await Bun.file(dockerfilePath(options.root)).text();
  const image = workerImageName({ dockerfile, base, caBundle });
  options.log(`Building ${image} on ${base} (a few minutes, once) …`);
  await build({ ...options, image, base, caBundle });
  return { image, built: true, base };
}

function bases(publicBase: string, release: OsRelease | null): string[] {
  return isDebianLike(release) ? [publicBase, localBase(release.codename)] : [publicBase];
}

const dockerfilePath = (root: string) => join(root, "deploy", "worker.Dockerfile");

async function readCaBundle(): Promise<string> {
  for (const path of HOST_CA_BUNDLES) {
    const file = Bun.file(path);
    if (await file.exists()) return file.text();
  }
  return "";
}

async function build(
  options: WorkerImageOptions & { image: string; base: string; caBundle: string },
): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), "farhand-image-"));
  const lastLines: string[] = [];
  try {
    await copyFile(dockerfilePath(options.root), join(context, "Dockerfile"));
    await Bun.write(join(context, "host-ca.crt"), options.caBundle);
    const stream = await options.docker.buildImage(
      { context, src: ["Dockerfile", "host-ca.crt"] },
      {
        t: options.image,
        // The host's own network: its name servers and proxies work in there as they do outside.
        networkmode: "host",
        buildargs: { BASE: options.base, ...proxies() },
        labels: { "farhand.role": "worker" },
        rm: true,
        forcerm: true,
      },
    );
    await followEngine(stream, {
      idleMs: BUILD_IDLE_MS,
      onLine: (line) => {
        for (const text of (line.stream ?? line.status ?? "").split("\n")) {
          if (text.trim() === "") continue;
          lastLines.push(text);
          if (lastLines.length > 20) lastLines.shift();
          if (/^Step \d+\/\d+/.test(text)) options.log(text.trim());
        }
      },
    });
  } catch (error) {
    throw new SetupError(
      `The worker image could not be built: ${error instanceof Error ? error.message : String(error)}\n${lastLines.join("\n")}`,
      "The lines above say which step failed. The build needs Debian's package mirror and 2 GB of disk.",
      { cause: error },
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Docker takes these as build arguments without a Dockerfile naming them, and keeps them out of the image. */
function proxies(): Record<string, string> {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
