import { describe, expect, test } from "bun:test";
import { planForBrowser } from "./browser.ts";

const debian = { id: "debian", codename: "bookworm", prettyName: "Debian 12" };
const ubuntu = { id: "ubuntu", codename: "noble", prettyName: "Ubuntu 24.04" };
const argv = (name: string) => ["apt-get", "install", "-y", "--no-install-recommends", name];

describe("what is done where no browser runs", () => {
  test("root on Debian or Ubuntu installs it, when that is allowed", () => {
    const machine = { root: true, allowInstall: true };
    expect(planForBrowser({ ...machine, release: debian })).toEqual({
      do: "install",
      argv: argv("chromium"),
    });
    expect(planForBrowser({ ...machine, release: ubuntu })).toEqual({
      do: "install",
      argv: argv("chromium-browser"),
    });
  });

  test("everybody else is told that tests are skipped, and what to run", () => {
    const told = planForBrowser({ root: false, allowInstall: true, release: debian });
    expect(told).toEqual({
      do: "tell",
      reason: "There is no Chromium, so the tests in a browser are skipped.",
      action: "Run: sudo apt-get install -y --no-install-recommends chromium",
    });
    expect(planForBrowser({ root: true, allowInstall: false, release: debian }).do).toBe("tell");
    for (const release of [null, { id: "fedora", codename: null, prettyName: "Fedora 42" }])
      expect(planForBrowser({ root: true, allowInstall: true, release })).toMatchObject({
        do: "tell",
        action: expect.stringContaining("Install Chromium"),
      });
  });
});
