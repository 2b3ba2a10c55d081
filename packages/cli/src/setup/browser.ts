import { runCommand } from "./command.ts";
import { isDebianLike, type OsRelease, readOsRelease } from "./os-release.ts";

export type BrowserState =
  | { available: true; version: string }
  /** `action` is what the user can do: a sentence or the very command. */
  | { available: false; reason: string; action: string };

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

/** What is to be done where no browser runs. Pure: the machine is described by its arguments. */
export function planForBrowser(machine: {
  root: boolean;
  allowInstall: boolean;
  release: OsRelease | null;
}): { do: "install"; argv: string[] } | { do: "tell"; reason: string; action: string } {
  const reason = "There is no Chromium, so the tests in a browser are skipped.";
  if (!isDebianLike(machine.release))
    return { do: "tell", reason, action: "Install Chromium or Google Chrome to have them run." };
  // Ubuntu has it under the older name, as a package that brings a snap.
  const name = machine.release.id === "ubuntu" ? "chromium-browser" : "chromium";
  const argv = ["apt-get", "install", "-y", "--no-install-recommends", name];
  if (machine.root && machine.allowInstall) return { do: "install", argv };
  return { do: "tell", reason, action: `Run: ${machine.root ? "" : "sudo "}${argv.join(" ")}` };
}

/**
 * Makes sure that there is a Chromium for tests: takes the one that runs, else installs the distribution's own. A second
 * call does nothing.
 */
export async function ensureBrowser(options: {
  log: (line: string) => void;
  allowInstall: boolean;
}): Promise<BrowserState> {
  const found = await findBrowser();
  if (found !== null) return { available: true, version: found };
  const plan = planForBrowser({
    root: process.getuid?.() === 0,
    allowInstall: options.allowInstall,
    release: await readOsRelease(),
  });
  if (plan.do === "tell") return { available: false, reason: plan.reason, action: plan.action };

  options.log(
    `Installing ${plan.argv.at(-1)} from the distribution's packages, for the tests in a browser (some 400 MB) …`,
  );
  const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "a" };
  const updated = await runCommand(["apt-get", "update"], { env });
  const installed = await runCommand(plan.argv, { env });
  const version = await findBrowser();
  if (version !== null) return { available: true, version };
  const said = updated.exitCode === 0 ? installed.lastLines : `${updated.lastLines}\n${installed.lastLines}`;
  return {
    available: false,
    reason:
      installed.exitCode === 0
        ? "Chromium was installed and does not run here (on Ubuntu it is a snap, which needs snapd), so the tests in a browser are skipped."
        : `Chromium could not be installed, so the tests in a browser are skipped:\n${said}`,
    action: "Install Chromium or Google Chrome by other ways to have them run.",
  };
}

/** The version of the first one that runs: Ubuntu has a program of that name which only asks for a snap. */
async function findBrowser(): Promise<string | null> {
  for (const name of PROGRAMS) {
    if (Bun.which(name) === null) continue;
    const { exitCode, lastLines } = await runCommand([name, "--version"]);
    // Debian's is a script, which may have complaints of its own to tell before.
    if (exitCode === 0) return /\b(?:Chromium|Google Chrome) [\d.]+/.exec(lastLines)?.[0] ?? name;
  }
  return null;
}
