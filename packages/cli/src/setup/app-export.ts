import { join } from "node:path";
import { appFolder, ensureAppDependencies } from "./app-dependencies.ts";
import { runCommand } from "./command.ts";
import { nameParts } from "./name-parts.ts";
import { SetupError } from "./setup-error.ts";

export const PLATFORMS = ["web", "android", "ios"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** What Expo says that tells how far it is: `Web ▓▓▓░ 41.2% (300/740)`, `Bundled 8000ms …`. */
const PROGRESS = /(\d+(?:\.\d+)?%)|^(\S+ Bundled)/;

/** Bundles the app for a platform into a folder. It needs no network once the dependencies are there. @throws SetupError */
export async function exportApp(options: {
  root: string;
  platform: Platform;
  into: string;
  log: (line: string) => void;
}): Promise<void> {
  const { root, platform, into, log } = options;
  await ensureAppDependencies(root, log);
  const folder = appFolder(root);
  log(`Bundling the app for ${platform} …`);
  const expo = join(folder, "node_modules", "expo", "bin", "cli");
  // With the Bun that runs this: the Node of a machine may be older than Expo takes.
  const argv = [process.execPath, expo, "export", "-p", platform, "--output-dir", into];
  const exported = await runCommand(argv, {
    cwd: folder,
    env: { CI: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1", NODE_ENV: "production" },
    onLine: (line) => {
      if (PROGRESS.test(line)) log(line.trim());
    },
  });
  if (exported.exitCode !== 0)
    throw new SetupError(
      `The app could not be bundled for ${platform}:\n${exported.lastLines}`,
      "The lines above say why. A copy without changes of your own bundles with: ./farhand app build web",
    );
  if (platform === "web") await nameParts(into);
}
