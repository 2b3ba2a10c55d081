import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine } from "./docker.ts";

/** The bases that a machine may have: the public one, and the one that `./farhand` makes of packages. */
const BASES = [/^debian:bookworm-slim$/, /^farhand\/base:/];
const CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

/**
 * The images of `deploy/`, built on a base that this machine has, without an image registry: the coordinator's from
 * its own Dockerfile, and one with the distribution's Caddy and nginx. Named by what they are made of, so that they are
 * built again only when that has changed.
 */
export async function testImages(root: string): Promise<{ coordinator: string; proxies: string }> {
  const base = await findBase();
  const context = await mkdtemp(join(tmpdir(), "fh-context-"));
  try {
    await mkdir(join(context, "deploy"));
    await cp(CA_BUNDLE, join(context, "deploy", "host-ca.crt")).catch(() => undefined);
    const coordinator = await build("farhand/test-coordinator", "deploy/coordinator.Dockerfile", base, [
      ["-C", root, "--exclude=node_modules", "--exclude=*.test.ts", "--exclude=deploy/.env"],
      ["package.json", "bun.lock", "bunfig.toml", "tsconfig.json", "LICENSE", "packages", "deploy"],
      ["-C", context, "deploy"],
    ]);
    const proxies = await build("farhand/test-proxies", "proxies.Dockerfile", base, [
      ["-C", import.meta.dir, "proxies.Dockerfile"],
    ]);
    return { coordinator, proxies };
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function findBase(): Promise<string> {
  const tags = await tagsOfAll();
  const found = BASES.flatMap((base) => tags.filter((tag) => base.test(tag)))[0];
  if (!found) throw new Error("no base image is there: run ./farhand doctor");
  return found;
}

async function build(name: string, dockerfile: string, base: string, parts: string[][]): Promise<string> {
  const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  const tar = Bun.spawn(["tar", "-c", ...fixed, ...parts.flat()], { stdout: "pipe", stderr: "pipe" });
  const [bytes, complaint] = await Promise.all([tar.stdout.bytes(), tar.stderr.text()]);
  if ((await tar.exited) !== 0) throw new Error(`tar: ${complaint}`);
  const hash = new Bun.CryptoHasher("sha256").update(base).update(bytes).digest("hex").slice(0, 12);
  const image = `${name}:${hash}`;
  const tags = await tagsOfAll();
  if (tags.includes(image)) return image;

  const query = new URLSearchParams({
    t: image,
    dockerfile,
    networkmode: "host",
    rm: "1",
    forcerm: "1",
    buildargs: JSON.stringify({ BASE: base }),
  });
  const socket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");
  const answer = await fetch(`http://docker/build?${query}`, {
    method: "POST",
    unix: socket,
    headers: { "content-type": "application/x-tar" },
    body: bytes,
    // A step may be silent for minutes.
    timeout: false,
  } as RequestInit);
  const log = await answer.text();
  if (!answer.ok || /"error":/.test(log)) throw new Error(`${image} could not be built: ${log.slice(-3000)}`);
  // What older sources made is of no use any more, and large.
  for (const tag of tags)
    if (tag.startsWith(`${name}:`)) await engine("DELETE", `/images/${encodeURIComponent(tag)}`);
  await removeStages();
  return image;
}

/** A builder without BuildKit leaves the earlier stages behind, a gigabyte each. What they began with stays its cache. */
async function removeStages(): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ dangling: ["true"], label: ["farhand.stage=build"] }));
  const left = (await (await engine("GET", `/images/json?filters=${filters}`)).json()) as { Id: string }[];
  for (const { Id } of left) await engine("DELETE", `/images/${Id}?noprune=1`);
}

async function tagsOfAll(): Promise<string[]> {
  const images = (await (await engine("GET", "/images/json")).json()) as { RepoTags: string[] | null }[];
  return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}
