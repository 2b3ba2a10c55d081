import { expect, test } from "bun:test";
import {
  checkGitMemory,
  checkProxy,
  checkRuntime,
  checkUserNamespaces,
  checkWorkspaceQuota,
} from "./wall-checks.ts";

test("an engine that maps users, or runs without root, is fine; any other is warned of, with the way and its cost", () => {
  for (const option of ["name=userns", "name=rootless"])
    expect(checkUserNamespaces({ SecurityOptions: ["name=seccomp,profile=builtin", option] }).ok).toBe(true);
  const check = checkUserNamespaces({ SecurityOptions: ["name=seccomp,profile=builtin"] });
  expect(check).toMatchObject({ ok: false, severity: "warning" });
  expect(check.action).toContain("userns-remap");
  expect(check.action).toContain("made anew");
  expect(checkUserNamespaces({}).ok).toBe(false);
});

test("a runtime that is asked for has to be there, and is not looked for otherwise", () => {
  const info = { Runtimes: { runc: {}, runsc: {} } };
  expect(checkRuntime(info, null)).toEqual([]);
  expect(checkRuntime(info, "runsc")).toMatchObject([{ ok: true }]);
  expect(checkRuntime({ Runtimes: { runc: {} } }, "runsc")).toMatchObject([
    { ok: false, severity: "error", action: expect.stringContaining("--network=none") },
  ]);
  expect(checkRuntime({}, "kata")).toMatchObject([
    { ok: false, action: expect.stringContaining("FARHAND_RUNTIME") },
  ]);
});

test("a quota is claimed only where it can be had, and each reason why not has its own way out", () => {
  const good = { setting: undefined, isRoot: true, missing: [], hasLoopDevices: true };
  expect(checkWorkspaceQuota(good)).toMatchObject({ ok: true, detail: expect.stringContaining("10240 MiB") });
  expect(checkWorkspaceQuota({ ...good, setting: "512" }).detail).toContain("512 MiB");
  const bad = [
    { ...good, setting: "0" },
    { ...good, isRoot: false },
    { ...good, missing: ["debugfs"] },
    { ...good, hasLoopDevices: false },
  ].map(checkWorkspaceQuota);
  for (const check of bad) {
    expect(check).toMatchObject({ ok: false, severity: "warning" });
    expect(check.detail).toContain("can fill the disk");
  }
  expect(new Set(bad.map(({ action }) => action)).size).toBe(bad.length);
});

test("a machine on which git's memory cannot be bounded is warned of", () => {
  expect(checkGitMemory(true).ok).toBe(true);
  expect(checkGitMemory(false)).toMatchObject({ ok: false, severity: "warning" });
});

test("a proxy that sandboxes go past is warned of, whichever variable names it", () => {
  expect(checkProxy({ HTTPS_PROXY: "", NO_PROXY: "x" })).toEqual([]);
  for (const name of ["HTTPS_PROXY", "http_proxy", "all_proxy"])
    expect(checkProxy({ [name]: "http://user:secret@proxy:3128" })).toMatchObject([
      { ok: false, severity: "warning", detail: expect.stringContaining(`${name} is set`) },
    ]);
  expect(JSON.stringify(checkProxy({ HTTPS_PROXY: "http://user:secret@proxy:3128" }))).not.toContain(
    "secret",
  );
});
