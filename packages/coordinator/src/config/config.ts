import { resolve } from "node:path";
import { ModelId } from "@farhand/protocol";
import { z } from "zod";
import { failure } from "../domain/failure.ts";

/** A variable that is set to nothing counts as not set, as in most programs. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const url = z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).transform(trimSlash);
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const Environment = z.object({
  FARHAND_DATA: optional(z.string()),
  FARHAND_HOST: optional(z.string()),
  FARHAND_PORT: optional(count(0, 65_535)),
  FARHAND_PUBLIC_URL: optional(url),
  FARHAND_SANDBOX: optional(z.enum(["docker", "process"])),
  FARHAND_MAX_WORKERS: optional(count(1, 1000)),
  FARHAND_MODEL: optional(ModelId),
  FARHAND_WORKER_BINARY: optional(z.string()),
  FARHAND_WORKER_IMAGE: optional(z.string()),
  FARHAND_WORKER_MEMORY_MIB: optional(count(128, 1_048_576)),
  FARHAND_WORKER_CPUS: optional(z.coerce.number().min(0.1).max(512)),
  FARHAND_TURN_TIMEOUT_MINUTES: optional(z.coerce.number().positive().max(10_080)),
  FARHAND_TASK_TIMEOUT_MINUTES: optional(z.coerce.number().positive().max(525_600)),
  FARHAND_NO_PROGRESS_MINUTES: optional(z.coerce.number().positive().max(10_080)),
  FARHAND_WARM_SECONDS: optional(z.coerce.number().min(0).max(86_400)),
  FARHAND_CHECKPOINT_SECONDS: optional(z.coerce.number().positive().max(3600)),
  FARHAND_RETENTION_DAYS: optional(z.coerce.number().min(0).max(3650)),
  FARHAND_DISK_FREE_MIB: optional(count(0, 1_073_741_824)),
  FARHAND_WORKER_START_MIB: optional(count(0, 1_048_576)),
  FARHAND_TOOL_TIMEOUT_SECONDS: optional(z.coerce.number().positive().max(86_400)),
  FARHAND_MODEL_RETRIES: optional(count(0, 100)),
  FARHAND_ENGINE_AWAY_SECONDS: optional(z.coerce.number().positive().max(86_400)),
  DOCKER_HOST: optional(
    z.string().regex(/^unix:\/\/\//, "must be unix:///path: Farhand talks to Docker over its socket alone"),
  ),
  FARHAND_LOG_LEVEL: optional(z.enum(["debug", "info", "warn", "error"])),
  FARHAND_ANTHROPIC_URL: optional(url),
  ANTHROPIC_API_KEY: optional(z.string()),
  FARHAND_GITHUB_URL: optional(url),
  FARHAND_GITHUB_API_URL: optional(url),
  FARHAND_GITHUB_TOKEN: optional(z.string()),
});

/** Read by the command line, which passes its whole environment on. */
const clientVariables = new Set(["FARHAND_TOKEN", "FARHAND_URL"]);

export interface Config {
  dataDirectory: string;
  host: string;
  port: number;
  /** Address that people and links use; null means the one that is listened on. */
  publicUrl: string | null;
  sandbox: "docker" | "process";
  maxWorkers: number;
  defaultModel: string;
  workerBinaryPath: string;
  workerImage: string;
  workerMemoryBytes: number;
  workerCpus: number;
  turnTimeoutMs: number;
  /** Working time of all turns of a task together. */
  taskTimeoutMs: number;
  /** After this long without a sign of the agent it is asked, and after half as long again its turn is stopped. */
  noProgressMs: number;
  /** How long a sandbox rests after its turn, ready for the next. */
  warmMs: number;
  checkpointMs: number;
  /** How long the files of an archived task are kept. */
  retentionMs: number;
  /** With less of the disk free, tasks wait. */
  diskFreeBytes: number;
  /** With less memory available, no further sandbox starts. */
  workerStartBytes: number;
  toolTimeoutMs: number;
  modelRetries: number;
  /** How long the sandbox engine may be away before its tasks are given up. */
  engineAwayMs: number;
  /** Path of the Docker engine's socket; null means the usual one. */
  dockerSocket: string | null;
  logLevel: "debug" | "info" | "warn" | "error";
  anthropicUrl: string;
  anthropicKey: string | null;
  githubUrl: string;
  githubApiUrl: string;
  githubToken: string | null;
  /** Names that start with FARHAND_ and mean nothing to this program: most likely slips of the pen. */
  unknownVariables: string[];
}

/**
 * Reads the settings from the environment.
 *
 * @throws FarhandError `invalid_request` naming every variable that is wrong; values are not repeated, as one
 * may be a key
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw failure(
      "invalid_request",
      `A setting is wrong. ${wrong.join("; ")}`,
      "Correct it and start again.",
    );
  }
  const given = parsed.data;
  const host = given.FARHAND_HOST ?? "127.0.0.1";
  const sandbox = given.FARHAND_SANDBOX ?? "docker";
  if (sandbox === "process" && !isLoopback(host))
    throw failure(
      "invalid_request",
      `FARHAND_SANDBOX=process gives workers the whole machine, so it does not listen on ${host}.`,
      "Use FARHAND_SANDBOX=docker, or listen on loopback with FARHAND_HOST=127.0.0.1.",
    );
  const githubUrl = given.FARHAND_GITHUB_URL ?? "https://github.com";
  return {
    dataDirectory: resolve(given.FARHAND_DATA ?? "./data"),
    host,
    port: given.FARHAND_PORT ?? 8787,
    publicUrl: given.FARHAND_PUBLIC_URL ?? null,
    sandbox,
    maxWorkers: given.FARHAND_MAX_WORKERS ?? 2,
    defaultModel: given.FARHAND_MODEL ?? "claude-sonnet-5-5",
    workerBinaryPath: resolve(given.FARHAND_WORKER_BINARY ?? "build/worker"),
    workerImage: given.FARHAND_WORKER_IMAGE ?? "farhand/worker:latest",
    workerMemoryBytes: (given.FARHAND_WORKER_MEMORY_MIB ?? 2048) * 1024 * 1024,
    workerCpus: given.FARHAND_WORKER_CPUS ?? 2,
    turnTimeoutMs: (given.FARHAND_TURN_TIMEOUT_MINUTES ?? 120) * 60_000,
    taskTimeoutMs: (given.FARHAND_TASK_TIMEOUT_MINUTES ?? 1440) * 60_000,
    noProgressMs: (given.FARHAND_NO_PROGRESS_MINUTES ?? 30) * 60_000,
    warmMs: (given.FARHAND_WARM_SECONDS ?? 300) * 1000,
    checkpointMs: (given.FARHAND_CHECKPOINT_SECONDS ?? 30) * 1000,
    retentionMs: (given.FARHAND_RETENTION_DAYS ?? 30) * 24 * 60 * 60_000,
    diskFreeBytes: (given.FARHAND_DISK_FREE_MIB ?? 512) * 1024 * 1024,
    workerStartBytes: (given.FARHAND_WORKER_START_MIB ?? 256) * 1024 * 1024,
    toolTimeoutMs: (given.FARHAND_TOOL_TIMEOUT_SECONDS ?? 600) * 1000,
    modelRetries: given.FARHAND_MODEL_RETRIES ?? 8,
    engineAwayMs: (given.FARHAND_ENGINE_AWAY_SECONDS ?? 30) * 1000,
    dockerSocket: given.DOCKER_HOST?.slice("unix://".length) ?? null,
    logLevel: given.FARHAND_LOG_LEVEL ?? "info",
    anthropicUrl: given.FARHAND_ANTHROPIC_URL ?? "https://api.anthropic.com",
    anthropicKey: given.ANTHROPIC_API_KEY ?? null,
    githubUrl,
    githubApiUrl: given.FARHAND_GITHUB_API_URL ?? defaultGitHubApiUrl(githubUrl),
    githubToken: given.FARHAND_GITHUB_TOKEN ?? null,
    unknownVariables: Object.keys(environment).filter(
      (name) => name.startsWith("FARHAND_") && !(name in Environment.shape) && !clientVariables.has(name),
    ),
  };
}

/** GitHub Enterprise Server has its API below the web address; github.com has a host of its own for it. */
function defaultGitHubApiUrl(webUrl: string): string {
  return webUrl === "https://github.com" ? "https://api.github.com" : `${webUrl}/api/v3`;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function trimSlash(value: string): string {
  return value.replace(/\/+$/, "");
}
