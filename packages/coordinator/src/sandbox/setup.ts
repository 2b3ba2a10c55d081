import { setTimeout as sleep } from "node:timers/promises";
import { WorkerEnv } from "@farhand/protocol";
import type Docker from "dockerode";
import { z } from "zod";
import { FarhandError, failure } from "../domain/failure.ts";
import type { SetupResult, SetupSpec } from "../domain/ports.ts";
import { type ContainerFrame, Label } from "./docker-container.ts";
import { imageMissing } from "./docker-trouble.ts";
import type { EngineCall } from "./docker-workspace.ts";
import { secretForms } from "./secret-forms.ts";
import { changedPaths } from "./setup-changes.ts";
import { setupContainerOptions } from "./setup-container.ts";
import { holdsSecret } from "./setup-search.ts";

/** Images of setups are named and labelled so. */
const REPOSITORY = "farhand/setup";
const SETUP_LABEL = "farhand.setup";
/** The newest that are kept for one coordinator; others can be made again. */
const KEPT_IMAGES = 10;
const LOOK_MS = 200;
const SEARCH_LIMIT_MS = 5 * 60_000;
/** What an archive has beside the bytes of its files. */
const ARCHIVE_EXTRA_BYTES = 1024 ** 3;
/** In the name of what was searched: an image that an older search let pass is not taken. */
const SEARCH_VERSION = "2";
/** How often what is written is measured, which makes the engine look at all of it. */
const MEASURE_MS = 3_000;
/** Where the worker's binary, told to be nothing but a proxy to the gateway, listens while a setup runs. */
const PROXY_PORT = 3128;
/** Two seconds at most: a script that needs no network need not wait for one that is broken. */
const AWAIT_PROXY =
  `for n in 1 2 3 4 5 6 7 8 9 10; do bash -c '</dev/tcp/127.0.0.1/${PROXY_PORT}' 2>/dev/null && break; ` +
  "command -v bash >/dev/null && sleep 0.2; done";
const SOCKET_DIRECTORY = "/run/farhand";

const Sizes = z.array(z.object({ SizeRw: z.number().optional() }));

export interface SetupOptions {
  docker: Docker;
  call: EngineCall;
  instanceId: string;
  /** The most that a setup may add to the image, and how many files it may add or change. */
  maxBytes: number;
  maxFiles: number;
  /** The last lines that a container has printed. */
  tail(name: string): Promise<string>;
}

/** Name of the container that a sandbox's setup runs in. */
export const setupName = (sandboxName: string): string => `${sandboxName}-setup`;

/**
 * Runs a setup script and keeps what it did to the root file system as an image, or takes the image that an earlier run
 * of the same script left. A script that fails leaves no image. Leaves no container behind.
 */
export async function runSetup(
  options: SetupOptions,
  frame: ContainerFrame,
  spec: SetupSpec,
  signal: AbortSignal,
): Promise<SetupResult> {
  const { docker, call } = options;
  const base = await call(docker.getImage(frame.image).inspect(), [404]);
  if (base === null) throw imageMissing(frame.image);
  const key = setupKey(options.instanceId, base.Id, spec);
  const image = `${REPOSITORY}:${key}`;
  if ((await call(docker.getImage(image).inspect(), [404])) !== null)
    return { image, isCached: true, exitCode: 0, tail: "" };

  const discard = () => call(docker.getContainer(frame.name).remove({ force: true, v: true }), [404, 409]);
  await discard();
  try {
    const container = await call(docker.createContainer(setupContainerOptions(frame, spec)));
    if (container === null) throw imageMissing(frame.image);
    await call(container.start());
    await startProxy(options, container, spec);
    const exitCode = await runScript(options, container, spec, signal);
    const tail = redact(await options.tail(frame.name), Object.values(spec.environment));
    if (exitCode !== 0) return { image: null, isCached: false, exitCode, tail };
    // Nothing in there may change any more what is searched, measured and kept.
    await call(container.kill(), [404, 409]);
    await call(container.wait({ condition: "not-running" }));
    await measure(options, container);
    await searchSecrets(options, container, { spec, baseBytes: base.Size }, signal);
    await call(
      container.commit({
        repo: REPOSITORY,
        tag: key,
        changes: `LABEL ${Label.instance}=${options.instanceId} ${SETUP_LABEL}=${key}`,
      }),
    );
    await removeOldest(options);
    return { image, isCached: false, exitCode, tail };
  } finally {
    await discard();
  }
}

/** Whoever else may see the outcome has the same secrets, the same script and the same image below it. */
function setupKey(instanceId: string, baseId: string, spec: SetupSpec): string {
  const secrets = Object.entries(spec.environment).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parts = [SEARCH_VERSION, instanceId, baseId, spec.scope, spec.script, JSON.stringify(secrets)];
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex").slice(0, 24);
}

/** The way to package registries, for as long as the container lives. */
async function startProxy(
  options: SetupOptions,
  container: Docker.Container,
  spec: SetupSpec,
): Promise<void> {
  const proxy = await options.call(
    container.exec({
      Cmd: ["/opt/farhand/worker", "proxy", String(PROXY_PORT)],
      User: "10001:10001",
      Env: [
        `${WorkerEnv.socket}=${SOCKET_DIRECTORY}/${spec.socketName}`,
        `${WorkerEnv.token}=${spec.token}`,
        `${WorkerEnv.workspace}=/tmp`,
      ],
    }),
  );
  await options.call(proxy?.start({ Detach: true }) ?? Promise.resolve(null));
}

/**
 * The script's exit code. Its environment and text are given to the engine for this one process: neither is part of
 * the container, and so of the image.
 */
async function runScript(
  options: SetupOptions,
  container: Docker.Container,
  spec: SetupSpec,
  signal: AbortSignal,
): Promise<number> {
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].map(
    (name) => `${name}=http://127.0.0.1:${PROXY_PORT}`,
  );
  const given = Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`);
  // What it prints goes to the container's own output, which the engine keeps the end of.
  const command = `exec >/proc/1/fd/1 2>&1 </dev/null; ${AWAIT_PROXY}; exec sh -c "$1" setup`;
  const script = await options.call(
    container.exec({
      Cmd: ["sh", "-c", command, "setup", asFile(spec.script)],
      User: "0:0",
      WorkingDir: "/workspace",
      Env: ["HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8", ...proxies, ...given],
    }),
  );
  return exitCodeOf(options, container, script, spec.limitMs, signal);
}

/**
 * A script may have left a secret where the agent would find it, as in a package manager's settings. What it has changed
 * is searched, from outside. What could not be searched is not kept.
 */
async function searchSecrets(
  options: SetupOptions,
  container: Docker.Container,
  { spec, baseBytes }: { spec: SetupSpec; baseBytes: number },
  signal: AbortSignal,
): Promise<void> {
  const bounds = {
    maxBytes: baseBytes + options.maxBytes + ARCHIVE_EXTRA_BYTES,
    signal: AbortSignal.any([signal, AbortSignal.timeout(SEARCH_LIMIT_MS)]),
  };
  const secrets = Object.values(spec.environment);
  const isThere = await holdsSecret(options.call, container, secrets, bounds).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof FarhandError) throw error;
    throw setupFailed(
      "What the setup script left could not be searched for the repository's secrets.",
      "Try again. If it stays so, look at the engine's log, and let the script leave ordinary files alone.",
      error,
    );
  });
  if (!isThere) return;
  throw setupFailed(
    "The setup script left a secret in a file, where the agent could read it.",
    "Let the script remove such files at its end, or use /tmp for them, which is not kept.",
  );
}

/** Waits until the process ends, and looks meanwhile that neither time nor room runs out. */
async function exitCodeOf(
  options: SetupOptions,
  container: Docker.Container,
  script: Docker.Exec | null,
  limitMs: number,
  signal: AbortSignal,
): Promise<number> {
  if (script === null) throw new Error("the engine made no process of the setup script");
  await options.call(script.start({ Detach: true }));
  const endMs = performance.now() + limitMs;
  let measuredMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const { Running, ExitCode } = (await options.call(script.inspect())) ?? {
      Running: false,
      ExitCode: null,
    };
    if (!Running) return ExitCode ?? 1;
    if (performance.now() > endMs) {
      throw setupFailed(
        `The setup script did not end within ${Math.round(limitMs / 60_000)} minutes.`,
        "Make it shorter: it runs once, and is to install system packages only.",
      );
    }
    if (performance.now() - measuredMs > MEASURE_MS) {
      await measure(options, container);
      measuredMs = performance.now();
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** The script by its own first line where it has one, as it would run from a file. */
function asFile(script: string): string {
  const text = Buffer.from(script).toString("base64");
  return `echo ${text} | base64 -d >/tmp/setup && chmod 700 /tmp/setup && ${script.startsWith("#!") ? "" : "sh "}/tmp/setup`;
}

async function measure(options: SetupOptions, container: Docker.Container): Promise<void> {
  const filters = { id: [container.id] };
  const found = (await options.call(options.docker.listContainers({ all: true, size: true, filters }))) ?? [];
  if ((Sizes.parse(found)[0]?.SizeRw ?? 0) > options.maxBytes)
    throw setupFailed(
      `The setup script wrote more than ${Math.floor(options.maxBytes / 1024 ** 2)} MiB.`,
      "Let it install less, and clean up after itself, as with rm -rf /var/lib/apt/lists/*.",
    );
  // An empty file takes no bytes, and yet there are only so many on the disk that all tasks share.
  if ((await changedPaths(options.call, container)).length > options.maxFiles)
    throw setupFailed(
      `The setup script made or changed more than ${options.maxFiles} files.`,
      "Let it install less, and clean up after itself.",
    );
}

export function setupFailed(message: string, action: string, cause?: unknown) {
  return failure("setup_failed", message, action, { retryable: true, cause });
}

async function removeOldest(options: SetupOptions): Promise<void> {
  const { docker, call } = options;
  const label = [`${Label.instance}=${options.instanceId}`, SETUP_LABEL];
  const images = (await call(docker.listImages({ filters: { label } }))) ?? [];
  const old = images.toSorted((a, b) => b.Created - a.Created).slice(KEPT_IMAGES);
  // 409: a sandbox runs on it.
  for (const { Id } of old) await call(docker.getImage(Id).remove(), [404, 409]);
}

/** Whoever reads the log of a task may be somebody else than the one whose secrets these are. */
export function redact(text: string, secrets: string[]): string {
  const forms = secrets.flatMap((secret) => [secret, ...secretForms(secret)]);
  const known = [...new Set(forms)].filter((it) => it.length >= 4).toSorted((a, b) => b.length - a.length);
  if (known.length === 0) return text;
  const literal = known.map((it) => it.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return text.replaceAll(new RegExp(literal.join("|"), "g"), "[secret]");
}
