import { statfs } from "node:fs/promises";
import { type HealthCheck, PROTOCOL_VERSION, type Readiness } from "@farhand/protocol";
import type { SandboxDriver } from "../domain/ports.ts";

/** Looks at everything that a task needs, afresh at each call. */
export function createReadiness(options: {
  version: string;
  driver: SandboxDriver;
  dataDirectory: string;
  diskFreeBytes: number;
  hasModelKey: () => Promise<boolean>;
  pingDatabase: () => Promise<unknown>;
}): () => Promise<Readiness> {
  return async () => {
    const checks = await Promise.all([database(), sandbox(), disk(), modelKey()]);
    return {
      status: checks.every((check) => check.ok) ? "ready" : "not_ready",
      version: options.version,
      protocol: PROTOCOL_VERSION,
      sandbox: { driver: options.driver.kind, isolated: options.driver.isolated },
      checks,
    };
  };

  async function database(): Promise<HealthCheck> {
    const ok = await options.pingDatabase().then(
      () => true,
      () => false,
    );
    return {
      name: "database",
      ok,
      detail: ok ? "The database answers." : "The database does not answer.",
      action: ok ? "" : "Look at the server's log, and at the disk that holds the data folder.",
    };
  }

  async function sandbox(): Promise<HealthCheck> {
    const health = await options.driver.check();
    return { name: "sandbox", ok: health.ok, detail: health.detail, action: health.ok ? "" : health.action };
  }

  async function disk(): Promise<HealthCheck> {
    const { bavail, bsize } = await statfs(options.dataDirectory);
    const freeBytes = bavail * bsize;
    const ok = freeBytes >= options.diskFreeBytes;
    return {
      name: "disk",
      ok,
      detail: `${Math.floor(freeBytes / 1024 / 1024)} MiB are free.`,
      action: ok ? "" : "Free some disk space, or give the server another data folder with FARHAND_DATA.",
    };
  }

  async function modelKey(): Promise<HealthCheck> {
    const ok = await options.hasModelKey();
    return {
      name: "model_key",
      ok,
      detail: ok ? "A model key is set." : "No model key is set.",
      action: ok
        ? ""
        : "Add one with `farhand keys add model`, or set ANTHROPIC_API_KEY and start the server again.",
    };
  }
}
