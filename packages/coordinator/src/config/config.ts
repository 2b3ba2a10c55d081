import { isIP } from "node:net";
import { resolve } from "node:path";
import { ModelId } from "@farhand/protocol";
import { z } from "zod";
import { failure } from "../domain/failure.ts";
import { type SignInProviders, signInProviders } from "./sign-in-providers.ts";

/** A variable that is set to nothing counts as not set, as in most programs. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const url = z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).transform(trimSlash);
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Items that are parted by commas or spaces. */
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value),
    z.array(item),
  );

const network = z
  .string()
  .refine(isNetwork, "must be an address or a network such as 10.0.0.0/8, in a list parted by commas");
const origin = z
  .string()
  .refine(
    isOrigin,
    "must be an origin such as https://app.example.com, without a path or a slash at the end",
  );
/** Long enough that nobody finds it by trying. */
const webhookSecret = z.string().min(16, "must have at least 16 characters");

const Environment = z.object({
  FARHAND_DATA: optional(z.string()),
  FARHAND_HOST: optional(z.string()),
  FARHAND_PORT: optional(count(0, 65_535)),
  FARHAND_PUBLIC_URL: optional(url),
  FARHAND_SANDBOX: optional(z.enum(["docker", "process"])),
  FARHAND_MAX_WORKERS: optional(count(1, 1000)),
  FARHAND_MODEL: optional(ModelId),
  FARHAND_PUSH_CONTACT: optional(
    z.string().regex(/^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/, "must be mailto:… or https://…"),
  ),
  FARHAND_EXPO_ACCESS_TOKEN: optional(z.string()),
  FARHAND_WORKER_BINARY: optional(z.string()),
  FARHAND_WORKER_IMAGE: optional(z.string()),
  FARHAND_WORKER_MEMORY_MIB: optional(count(128, 1_048_576)),
  FARHAND_WORKER_CPUS: optional(z.coerce.number().min(0.1).max(512)),
  FARHAND_WORKSPACE_MAX_MIB: optional(
    z.coerce
      .number()
      .int()
      .refine((mib) => mib === 0 || (mib >= 64 && mib <= 16_777_216), "must be 0 for none, or from 64 up"),
  ),
  FARHAND_SETUP_MAX_FILES: optional(count(1, 10_000_000)),
  FARHAND_EVENTS_MAX_MIB: optional(count(1, 1_048_576)),
  FARHAND_RUNTIME: optional(
    z.string().regex(/^[a-zA-Z0-9][\w.-]*$/, "must be the name of an engine's runtime"),
  ),
  FARHAND_TURN_TIMEOUT_MINUTES: optional(z.coerce.number().positive().max(10_080)),
  FARHAND_TASK_TIMEOUT_MINUTES: optional(z.coerce.number().positive().max(525_600)),
  FARHAND_NO_PROGRESS_MINUTES: optional(z.coerce.number().positive().max(10_080)),
  FARHAND_WARM_SECONDS: optional(z.coerce.number().min(0).max(86_400)),
  FARHAND_CHECKPOINT_SECONDS: optional(z.coerce.number().positive().max(3600)),
  FARHAND_RETENTION_DAYS: optional(z.coerce.number().min(0).max(3650)),
  FARHAND_DISK_FREE_MIB: optional(count(0, 1_073_741_824)),
  FARHAND_REPOSITORY_MAX_MIB: optional(count(0, 1_073_741_824)),
  FARHAND_ATTACHMENTS_MAX_MIB: optional(count(0, 1_073_741_824)),
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
  FARHAND_TRUSTED_PROXIES: optional(list(network)),
  FARHAND_CORS_ORIGINS: optional(list(origin)),
  FARHAND_ALLOW_PLAIN_HTTP: optional(z.enum(["yes", "no"])),
  FARHAND_EGRESS_MAX_MIB: optional(count(0, 16_777_216)),
  FARHAND_EGRESS_MAX_UP_MIB: optional(count(0, 16_777_216)),
  FARHAND_GITHUB_WEBHOOK_SECRET: optional(webhookSecret),
  FARHAND_GITLAB_WEBHOOK_TOKEN: optional(webhookSecret),
  FARHAND_GITHUB_URL: optional(url),
  FARHAND_GITHUB_API_URL: optional(url),
  FARHAND_GITHUB_TOKEN: optional(z.string()),
  FARHAND_GITHUB_CLIENT_ID: optional(z.string()),
  FARHAND_GITHUB_CLIENT_SECRET: optional(z.string()),
  FARHAND_GITLAB_URL: optional(url),
  FARHAND_GITLAB_CLIENT_ID: optional(z.string()),
  FARHAND_GITLAB_CLIENT_SECRET: optional(z.string()),
  FARHAND_OIDC_ISSUER: optional(z.url({ protocol: /^https?$/, error: "must be an http or https URL" })),
  FARHAND_OIDC_CLIENT_ID: optional(z.string()),
  FARHAND_OIDC_CLIENT_SECRET: optional(z.string()),
  FARHAND_OIDC_NAME: optional(z.string().max(60)),
  // Read by what keeps the master key, so that no part of this program holds it beside that.
  FARHAND_MASTER_KEY: optional(z.string()),
  FARHAND_NEW_MASTER_KEY: optional(z.string()),
  FARHAND_PRICES: optional(z.string()),
  FARHAND_COMMAND: optional(z.string().max(200)),
  FARHAND_WEB_APP: optional(z.string()),
});

/** Read by the command line, which passes its whole environment on. */
const clientVariables = new Set(["FARHAND_TOKEN", "FARHAND_URL"]);

/** Read by what `deploy/` holds, which passes its whole environment on as well. */
const deploymentVariables = new Set([
  "FARHAND_DOMAIN",
  "FARHAND_HOME",
  "FARHAND_IMAGE",
  "FARHAND_CADDY_IMAGE",
  "FARHAND_HTTP_PORT",
  "FARHAND_HTTPS_PORT",
  "FARHAND_SUBNET",
  "FARHAND_PROXY_ADDRESS",
  "FARHAND_COORDINATOR_ADDRESS",
]);

export interface Config {
  dataDirectory: string;
  /** Where the app for browsers lies, as `farhand app build web` makes it; null serves none. */
  webAppDirectory: string | null;
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
  /** The most that a workspace may hold, where the machine can enforce it; null means no limit. */
  workspaceMaxBytes: number | null;
  /** Most files that a repository's setup may add to its system or change in it. */
  setupMaxFiles: number;
  /** What one attempt may report. */
  eventsMaxBytes: number;
  /** The Docker engine's runtime for sandboxes; null means its default. */
  runtime: string | null;
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
  /** With less of the disk free, tasks wait and fetches stop. */
  diskFreeBytes: number;
  /** The most that the mirror of a repository may hold; null means no limit. */
  repositoryMaxBytes: number | null;
  /** What the photos and files of one user may take together; null means no limit. */
  attachmentsMaxBytes: number | null;
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
  /** Where people can sign in. */
  providers: SignInProviders;
  /** File with prices of models that come before those of the library; null for none. */
  pricesFile: string | null;
  /** Addresses and networks whose `X-Forwarded-For` counts. */
  trustedProxies: string[];
  /** Plain HTTP may leave this machine, past a proxy too. */
  allowPlainHttp: boolean;
  /** Origins of web pages beside our own that may use the API. */
  corsOrigins: string[];
  /** The most that a turn of a task may receive from the network, and send to it. */
  egressMaxDownBytes: number;
  egressMaxUpBytes: number;
  /** Whom a push service may write to; null for the public address. */
  pushContact: string | null;
  /** Of the Expo account that the app belongs to, where that asks for one. */
  expoAccessToken: string | null;
  /** Null where GitHub's webhooks are not taken. */
  githubWebhookSecret: string | null;
  gitlabWebhookToken: string | null;
  /** How the command line is called on the server's own machine, as people are told. */
  commandLine: string;
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
  const publicUrl = given.FARHAND_PUBLIC_URL ?? null;
  const isPublicTls = publicUrl?.startsWith("https:") ?? false;
  const isBehindProxy = isPublicTls && (given.FARHAND_TRUSTED_PROXIES ?? []).length > 0;
  if (!isLoopback(host) && !isBehindProxy && given.FARHAND_ALLOW_PLAIN_HTTP !== "yes")
    throw failure(
      "invalid_request",
      `FARHAND_HOST=${host} can be reached from other machines, and without TLS everybody on the way reads tokens and code.`,
      "Put a proxy with TLS before it (deploy/compose.yaml has one) and set FARHAND_PUBLIC_URL=https://… and FARHAND_TRUSTED_PROXIES, or say FARHAND_ALLOW_PLAIN_HTTP=yes if nobody else is on that network.",
    );
  const githubUrl = given.FARHAND_GITHUB_URL ?? "https://github.com";
  const githubApiUrl = given.FARHAND_GITHUB_API_URL ?? defaultGitHubApiUrl(githubUrl);
  return {
    dataDirectory: resolve(given.FARHAND_DATA ?? "./data"),
    webAppDirectory:
      given.FARHAND_WEB_APP && given.FARHAND_WEB_APP !== "none" ? resolve(given.FARHAND_WEB_APP) : null,
    host,
    port: given.FARHAND_PORT ?? 8787,
    publicUrl,
    sandbox,
    maxWorkers: given.FARHAND_MAX_WORKERS ?? 2,
    defaultModel: given.FARHAND_MODEL ?? "claude-sonnet-5-5",
    workerBinaryPath: resolve(given.FARHAND_WORKER_BINARY ?? "build/worker"),
    workerImage: given.FARHAND_WORKER_IMAGE ?? "farhand/worker:latest",
    workerMemoryBytes: (given.FARHAND_WORKER_MEMORY_MIB ?? 2048) * 1024 * 1024,
    workerCpus: given.FARHAND_WORKER_CPUS ?? 2,
    workspaceMaxBytes: (given.FARHAND_WORKSPACE_MAX_MIB ?? 10_240) * 1024 * 1024 || null,
    // A system with several compilers and a desktop's libraries has about half as many.
    setupMaxFiles: given.FARHAND_SETUP_MAX_FILES ?? 250_000,
    eventsMaxBytes: (given.FARHAND_EVENTS_MAX_MIB ?? 256) * 1024 * 1024,
    runtime: given.FARHAND_RUNTIME ?? null,
    turnTimeoutMs: (given.FARHAND_TURN_TIMEOUT_MINUTES ?? 120) * 60_000,
    taskTimeoutMs: (given.FARHAND_TASK_TIMEOUT_MINUTES ?? 1440) * 60_000,
    noProgressMs: (given.FARHAND_NO_PROGRESS_MINUTES ?? 30) * 60_000,
    warmMs: (given.FARHAND_WARM_SECONDS ?? 300) * 1000,
    checkpointMs: (given.FARHAND_CHECKPOINT_SECONDS ?? 30) * 1000,
    retentionMs: (given.FARHAND_RETENTION_DAYS ?? 30) * 24 * 60 * 60_000,
    diskFreeBytes: (given.FARHAND_DISK_FREE_MIB ?? 512) * 1024 * 1024,
    repositoryMaxBytes: (given.FARHAND_REPOSITORY_MAX_MIB ?? 20_480) * 1024 * 1024 || null,
    attachmentsMaxBytes: (given.FARHAND_ATTACHMENTS_MAX_MIB ?? 1024) * 1024 * 1024 || null,
    workerStartBytes: (given.FARHAND_WORKER_START_MIB ?? 256) * 1024 * 1024,
    toolTimeoutMs: (given.FARHAND_TOOL_TIMEOUT_SECONDS ?? 600) * 1000,
    modelRetries: given.FARHAND_MODEL_RETRIES ?? 8,
    engineAwayMs: (given.FARHAND_ENGINE_AWAY_SECONDS ?? 30) * 1000,
    dockerSocket: given.DOCKER_HOST?.slice("unix://".length) ?? null,
    logLevel: given.FARHAND_LOG_LEVEL ?? "info",
    anthropicUrl: given.FARHAND_ANTHROPIC_URL ?? "https://api.anthropic.com",
    anthropicKey: given.ANTHROPIC_API_KEY ?? null,
    githubUrl,
    githubApiUrl,
    githubToken: given.FARHAND_GITHUB_TOKEN ?? null,
    providers: signInProviders(given, { webUrl: githubUrl, apiUrl: githubApiUrl }),
    pricesFile: given.FARHAND_PRICES === undefined ? null : resolve(given.FARHAND_PRICES),
    trustedProxies: given.FARHAND_TRUSTED_PROXIES ?? (isPublicTls ? ["127.0.0.0/8", "::1/128"] : []),
    allowPlainHttp: given.FARHAND_ALLOW_PLAIN_HTTP === "yes",
    corsOrigins: given.FARHAND_CORS_ORIGINS ?? [],
    egressMaxDownBytes: (given.FARHAND_EGRESS_MAX_MIB ?? 2048) * 1024 * 1024,
    egressMaxUpBytes: (given.FARHAND_EGRESS_MAX_UP_MIB ?? 200) * 1024 * 1024,
    pushContact: given.FARHAND_PUSH_CONTACT ?? null,
    expoAccessToken: given.FARHAND_EXPO_ACCESS_TOKEN ?? null,
    githubWebhookSecret: given.FARHAND_GITHUB_WEBHOOK_SECRET ?? null,
    gitlabWebhookToken: given.FARHAND_GITLAB_WEBHOOK_TOKEN ?? null,
    commandLine: given.FARHAND_COMMAND ?? "farhand",
    unknownVariables: Object.keys(environment).filter(
      (name) =>
        name.startsWith("FARHAND_") &&
        !(name in Environment.shape) &&
        !clientVariables.has(name) &&
        !deploymentVariables.has(name),
    ),
  };
}

/** GitHub Enterprise Server has its API below the web address; github.com has a host of its own for it. */
function defaultGitHubApiUrl(webUrl: string): string {
  return webUrl === "https://github.com" ? "https://api.github.com" : `${webUrl}/api/v3`;
}

function isNetwork(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

function isOrigin(text: string): boolean {
  return /^https?:\/\/[a-z0-9.:[\]-]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function trimSlash(value: string): string {
  return value.replace(/\/+$/, "");
}
