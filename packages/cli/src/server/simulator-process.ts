import { join } from "node:path";
import { z } from "zod";
import { type ChildProcess, startAnnounced } from "./announced-process.ts";

const Announcement = z.object({
  claudeUrl: z.url(),
  claudeKey: z.string(),
  githubUrl: z.url(),
  githubApiUrl: z.url(),
  githubToken: z.string(),
  repositoryUrl: z.url(),
});

/** Where the stand-ins for Claude and GitHub listen, the keys they take, and the repository that waits there. */
export type Simulators = z.infer<typeof Announcement>;

const READY_TIMEOUT_MS = 30_000;

/** Starts the simulators with a scenario for the model and a sample repository. @throws SilentStartError */
export async function startSimulators(options: {
  root: string;
  directory: string;
  scenario: string;
  env: Record<string, string>;
  logPath: string;
}): Promise<{ simulators: Simulators; process: ChildProcess }> {
  const { announced, process: child } = await startAnnounced(Announcement, {
    argv: [
      process.execPath,
      join(options.root, "packages/simulators/src/main.ts"),
      "--directory",
      options.directory,
      "--scenario",
      options.scenario,
    ],
    cwd: options.root,
    env: options.env,
    logPath: options.logPath,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
  return { simulators: announced, process: child };
}
