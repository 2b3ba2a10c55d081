import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { appFolder, ensureAppDependencies } from "./app-dependencies.ts";
import { exportApp } from "./app-export.ts";
import { runCommand } from "./command.ts";

const root = resolve(import.meta.dir, "../../../..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-app-builds-"));
  await ensureAppDependencies(root, () => {});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The first bytes of Hermes bytecode. */
const HERMES = "c61fbc03c103191f";

for (const platform of ["android", "ios"] as const)
  test(`the app is bundled for ${platform}, as bytecode with what it shows`, async () => {
    const into = join(folder, platform);
    await exportApp({ root, platform, into, log: () => {} });
    const files = await readdir(into, { recursive: true });
    const bundle = files.find((path) => path.endsWith(".hbc"));
    const bytes = await readFile(join(into, bundle ?? "metadata.json"));
    expect(bytes.subarray(0, 8).toString("hex")).toBe(HERMES);
    // Strings of the catalogue stand in it as they are; nothing of this machine does.
    expect(bytes.includes("No tasks yet")).toBe(true);
    expect(bytes.includes(root)).toBe(false);
  });

/** The native projects, as Expo makes them of the configuration, in a folder of their own. */
async function prebuild(platform: "android" | "ios", change: Record<string, string> = {}): Promise<string> {
  const project = join(folder, `${platform}-project-${crypto.randomUUID()}`);
  const app = appFolder(root);
  for (const name of ["app.config.js", "package.json", "assets", "plugins"])
    await cp(join(app, name), join(project, name), { recursive: true });
  await symlink(join(app, "node_modules"), join(project, "node_modules"));
  const expo = join(app, "node_modules", "expo", "bin", "cli");
  const argv = [process.execPath, expo, "prebuild", "-p", platform, "--no-install"];
  const env = { CI: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1", FARHAND_EXPO_PROJECT: "", ...change };
  const made = await runCommand(argv, { cwd: project, env, onLine: () => {} });
  if (made.exitCode !== 0) throw new Error(made.lastLines);
  return project;
}

const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? "").sort();

test("the Android project asks for what is used and no more, and opens the app's links", async () => {
  const project = await prebuild("android");
  const manifest = await Bun.file(join(project, "android/app/src/main/AndroidManifest.xml")).text();
  const asked = all(manifest, /<uses-permission android:name="android\.permission\.(\w+)"\/>/g);
  expect(asked).toEqual(["ACCESS_NETWORK_STATE", "CAMERA", "INTERNET", "POST_NOTIFICATIONS", "VIBRATE"]);
  const refused = all(
    manifest,
    /<uses-permission android:name="android\.permission\.(\w+)" tools:node="remove"\/>/g,
  );
  expect(refused).toContain("RECORD_AUDIO");
  expect(refused).toContain("ACCESS_WIFI_STATE");
  expect(refused).toContain("RECEIVE_BOOT_COMPLETED");
  expect(manifest).toContain('<data android:scheme="farhand"/>');
  expect(manifest).toContain('android:allowBackup="false"');
  expect(manifest).toContain('android:usesCleartextTraffic="true"');
});

test("the iOS project says why it asks for what it uses, and asks for nothing else", async () => {
  const project = await prebuild("ios");
  const info = await Bun.file(join(project, "ios/Farhand/Info.plist")).text();
  const asked = all(info, /<key>(NS\w+UsageDescription)<\/key>/g);
  expect(asked).toEqual(["NSCameraUsageDescription", "NSLocalNetworkUsageDescription"]);
  expect(info).toContain("<string>farhand</string>");
  const privacy = await Bun.file(join(project, "ios/Farhand/PrivacyInfo.xcprivacy")).text();
  expect(all(privacy, /<string>NSPrivacyAccessedAPICategory(\w+)<\/string>/g)).toHaveLength(4);
  // Without a project of its own it has no keys to be notified with, and claims none.
  expect(await entitlementsOf(project)).not.toContain("aps-environment");
});

test("a build with a project of its own can be notified, and asks for nothing else", async () => {
  const project = await prebuild("ios", { FARHAND_EXPO_PROJECT: "0f93f599-0000-4000-8000-000000000000" });
  expect(await entitlementsOf(project)).toContain("<key>aps-environment</key>");
  const info = await Bun.file(join(project, "ios/Farhand/Info.plist")).text();
  expect(info).not.toContain("UIBackgroundModes");
});

const entitlementsOf = (project: string) =>
  Bun.file(join(project, "ios/Farhand/Farhand.entitlements")).text();
