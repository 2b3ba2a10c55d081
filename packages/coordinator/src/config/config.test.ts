import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { isLoopback, readConfig } from "./config.ts";

describe("settings from the environment", () => {
  test("have safe defaults", () => {
    const config = readConfig({});
    expect(config).toMatchObject({ host: "127.0.0.1", port: 8787, sandbox: "docker", anthropicKey: null });
    expect(config.dataDirectory.endsWith("/data")).toBe(true);
  });

  test("treat an empty variable as not set", () => {
    expect(readConfig({ FARHAND_PORT: "", ANTHROPIC_API_KEY: "" })).toMatchObject({
      port: 8787,
      anthropicKey: null,
    });
  });

  test("name whom a push service may write to", () => {
    expect(readConfig({}).pushContact).toBeNull();
    for (const contact of ["mailto:ops@example.com", "https://example.com/contact"])
      expect(readConfig({ FARHAND_PUSH_CONTACT: contact }).pushContact).toBe(contact);
    expect(() => readConfig({ FARHAND_PUSH_CONTACT: "ops@example.com" })).toThrow(/FARHAND_PUSH_CONTACT/);
  });

  test("name every variable that is wrong and repeat no value", () => {
    const read = () => readConfig({ FARHAND_PORT: "eighty", FARHAND_ANTHROPIC_URL: "canary-value" });
    expect(read).toThrow(/FARHAND_PORT.*FARHAND_ANTHROPIC_URL/);
    expect(read).not.toThrow(/canary-value/);
  });

  test("refuse to serve the process sandbox beyond loopback", () => {
    expect(() => readConfig({ FARHAND_SANDBOX: "process", FARHAND_HOST: "0.0.0.0" })).toThrow(
      /whole machine/,
    );
    expect(readConfig({ FARHAND_SANDBOX: "process", FARHAND_HOST: "127.0.0.1" }).sandbox).toBe("process");
  });

  test("find the API of a GitHub Enterprise Server below its web address", () => {
    expect(readConfig({}).githubApiUrl).toBe("https://api.github.com");
    expect(readConfig({ FARHAND_GITHUB_URL: "https://git.example.com/" }).githubApiUrl).toBe(
      "https://git.example.com/api/v3",
    );
  });

  test("bound a workspace unless told not to, and take no bound that nothing fits in", () => {
    expect(readConfig({}).workspaceMaxBytes).toBe(10 * 1024 ** 3);
    expect(readConfig({ FARHAND_WORKSPACE_MAX_MIB: "64" }).workspaceMaxBytes).toBe(64 * 1024 ** 2);
    expect(readConfig({ FARHAND_WORKSPACE_MAX_MIB: "0" }).workspaceMaxBytes).toBeNull();
    expect(() => readConfig({ FARHAND_WORKSPACE_MAX_MIB: "10" })).toThrow(/FARHAND_WORKSPACE_MAX_MIB/);
    expect(readConfig({}).setupMaxFiles).toBe(250_000);
    expect(readConfig({ FARHAND_SETUP_MAX_FILES: "5000" }).setupMaxFiles).toBe(5000);
  });

  test("name a runtime of the engine by a plain name", () => {
    expect(readConfig({}).runtime).toBeNull();
    expect(readConfig({ FARHAND_RUNTIME: "runsc" }).runtime).toBe("runsc");
    expect(() => readConfig({ FARHAND_RUNTIME: "../runsc" })).toThrow(/FARHAND_RUNTIME/);
  });

  test("know loopback addresses", () => {
    expect(["127.0.0.1", "127.8.8.8", "::1", "localhost"].every(isLoopback)).toBe(true);
    expect(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.com"].some(isLoopback)).toBe(false);
  });
});

test("no variable that deploy/ passes on is taken for a slip of the pen", async () => {
  const folder = join(import.meta.dir, "../../../../deploy");
  const files = await Promise.all(
    ["compose.yaml", ".env.example", "Caddyfile"].map((name) => Bun.file(join(folder, name)).text()),
  );
  const names = new Set(files.join("\n").match(/\bFARHAND_[A-Z_]*[A-Z]\b/g));
  expect(names.size).toBeGreaterThan(8);
  // Without values: only the names are looked at.
  const environment = Object.fromEntries([...names].map((name) => [name, ""]));
  expect(readConfig(environment).unknownVariables).toEqual([]);
});
