import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { exportApp, type Platform } from "../setup/app-export.ts";
import { ensureWebApp } from "../setup/web-app.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";

/** Builds the app for one platform, and says where it lies. @returns the exit code */
export async function buildApp(
  { root }: Pick<CommandContext, "root">,
  terminal: Terminal,
  platform: Platform,
): Promise<number> {
  const path = await runStep(terminal, `App for ${platform}`, async (log) => {
    const built = platform === "web" ? await ensureWebApp(root, log) : await exported(root, platform, log);
    return { value: built, detail: built };
  });
  terminal.json?.({ platform, path });
  if (platform !== "web")
    terminal.screen.print([
      "",
      "  This is what runs inside the app. For a program to install, see docs/app.md.",
    ]);
  return ExitCode.ok;
}

async function exported(root: string, platform: Platform, log: (line: string) => void): Promise<string> {
  const path = join(root, "build", `app-${platform}`);
  const unfinished = `${path}.${crypto.randomUUID()}.new`;
  try {
    await exportApp({ root, platform, into: unfinished, log });
    await rm(path, { recursive: true, force: true });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}
