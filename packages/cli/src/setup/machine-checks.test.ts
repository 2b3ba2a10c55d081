import { describe, expect, test } from "bun:test";
import {
  checkBun,
  checkClock,
  checkDataFolder,
  checkDisk,
  checkEngine,
  checkGit,
  checkMemory,
  checkModelKey,
  isAtLeast,
  parseMemAvailable,
} from "./machine-checks.ts";

const GIB = 1024 ** 3;

test("a version is compared by its numbers, wherever they stand in the text", () => {
  expect(isAtLeast("git version 2.39.5 (Apple Git-154)", 2, 31)).toBe(true);
  expect(isAtLeast("2.9.5", 2, 31)).toBe(false);
  expect(isAtLeast("10.1", 2, 31)).toBe(true);
  expect(isAtLeast("1.4.0-canary.3", 1, 4)).toBe(true);
  expect(isAtLeast("none", 0, 0)).toBe(false);
});

test("Bun is taken from 1.4 on, below 2", () => {
  expect(["1.3.9", "1.4.0", "1.10.1", "2.0.0"].map((version) => checkBun(version).ok)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test("git is wanted, not too old, and whole", () => {
  expect(checkGit(null, false)).toMatchObject({ ok: false, severity: "error", detail: "not installed" });
  expect(checkGit("git version 2.30.2", true)).toMatchObject({ ok: false, detail: "2.30.2 is too old" });
  expect(checkGit("git version 2.39.5", false).detail).toContain("without git-http-backend");
  expect(checkGit("git version 2.39.5", true)).toMatchObject({ ok: true, action: "" });
});

test("little disk or memory is a warning, and the numbers are told", () => {
  expect(checkDisk("/data", 4.9 * GIB)).toMatchObject({
    ok: false,
    severity: "warning",
    detail: "4.9 GB free at /data",
  });
  expect(checkDisk("/data", 5 * GIB).ok).toBe(true);
  expect(checkMemory(0.5 * GIB)).toMatchObject({ ok: false, severity: "warning" });
  expect(checkMemory(GIB).ok).toBe(true);
  expect(parseMemAvailable("MemTotal:  2000 kB\nMemAvailable:    1000 kB\n")).toBe(1_024_000);
  expect(parseMemAvailable("")).toBeNull();
});

describe("the Claude key", () => {
  const key = `sk-ant-api03-${"x".repeat(80)}`;

  test("is judged by its form", () => {
    expect(checkModelKey(key, false).ok).toBe(true);
    for (const wrong of [undefined, "", "sk-ant-", "my-key", `${key}\n`, `${key} `]) {
      expect(checkModelKey(wrong, false)).toMatchObject({ ok: false, severity: "error" });
    }
  });

  test("of another service may have any form", () => {
    expect(checkModelKey("any-key", true).ok).toBe(true);
    expect(checkModelKey("", true).ok).toBe(false);
  });

  test("is never repeated", () => {
    for (const value of [key, `${key} `, "canary-key"]) {
      expect(JSON.stringify(checkModelKey(value, false))).not.toContain(value.trim());
    }
  });
});

test("the data folder is to be writable and closed to others", () => {
  expect(checkDataFolder("/d", { exists: true, writable: true, mode: 0o40700 })).toMatchObject({ ok: true });
  expect(checkDataFolder("/d", { exists: false, writable: true, mode: 0o40755 })).toMatchObject({ ok: true });
  expect(checkDataFolder("/d", { exists: true, writable: true, mode: 0o40755 })).toMatchObject({
    ok: false,
    severity: "warning",
    action: "Run: chmod 700 /d",
  });
  expect(checkDataFolder("/d", { exists: true, writable: false, mode: 0o40500 })).toMatchObject({
    ok: false,
    severity: "error",
  });
});

test("a clock before the repository's files, or apart from the engine's, is wrong", () => {
  const now = new Date("2026-06-01T12:00:00Z");
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  expect(checkClock(now, at(-3600), null).ok).toBe(true);
  expect(checkClock(now, at(-3600), at(2)).ok).toBe(true);
  expect(checkClock(now, at(3600), null)).toMatchObject({ ok: false, severity: "warning" });
  expect(checkClock(now, at(-3600), at(-600)).detail).toContain("engine's clock");
});

describe("an engine", () => {
  const info = {
    ServerVersion: "28.0",
    Driver: "overlay2",
    MemoryLimit: true,
    PidsLimit: true,
    CpuCfsQuota: true,
    SwapLimit: true,
    SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin"],
  };
  const bad = (checks: ReturnType<typeof checkEngine>) => checks.filter((check) => !check.ok);

  test("with all walls is fine", () => {
    expect(bad(checkEngine(info))).toEqual([]);
    expect(checkEngine(info)[0]?.detail).toBe("28.0, storage overlay2");
  });

  test("that cannot limit something is an error that names it", () => {
    const [limits] = bad(checkEngine({ ...info, MemoryLimit: false, PidsLimit: undefined }));
    expect(limits).toMatchObject({
      severity: "error",
      detail: "the engine cannot limit memory and processes",
    });
  });

  test("without seccomp or swap accounting is warned of", () => {
    const checks = bad(checkEngine({ ...info, SecurityOptions: null, SwapLimit: false }));
    expect(checks.map((check) => [check.name, check.severity])).toEqual([
      ["Seccomp", "warning"],
      ["Swap limit", "warning"],
    ]);
  });
});
