import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coordinatorEnvironment, readServerSettings, readToken, withoutSettings } from "./server-settings.ts";

test.each([
  [{}, "http://127.0.0.1:8787"],
  [{ FARHAND_PORT: "9000" }, "http://127.0.0.1:9000"],
  [{ FARHAND_HOST: "0.0.0.0" }, "http://127.0.0.1:8787"],
  [{ FARHAND_HOST: "::1" }, "http://[::1]:8787"],
  [{ FARHAND_HOST: "10.0.0.5", FARHAND_PORT: "80" }, "http://10.0.0.5:80"],
  [{ FARHAND_URL: "https://farhand.example.com", FARHAND_PORT: "80" }, "https://farhand.example.com"],
])("with %j the coordinator is at %s", (env: Record<string, string>, url) => {
  expect(readServerSettings(env, "/opt/farhand").url).toBe(url);
});

test("data is beside the program unless it is told elsewhere", () => {
  expect(readServerSettings({}, "/opt/farhand").tokenFile).toBe("/opt/farhand/data/owner.token");
  expect(readServerSettings({ FARHAND_DATA: "/srv/f" }, "/opt/farhand").tokenFile).toBe("/srv/f/owner.token");
});

test("the token is the variable's, else the file's, else none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farhand-token-"));
  try {
    const path = join(folder, "owner.token");
    expect(await readToken({}, path)).toBeNull();
    await Bun.write(path, "fho_file\n");
    expect(await readToken({}, path)).toBe("fho_file");
    expect(await readToken({ FARHAND_TOKEN: "fho_given" }, path)).toBe("fho_given");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a coordinator gets the settings and what was prepared, not the client's own variables", () => {
  const env = {
    PATH: "/bin",
    FARHAND_URL: "x",
    FARHAND_TOKEN: "secret",
    FARHAND_MODEL: "m",
    EMPTY: undefined,
  };
  expect(coordinatorEnvironment(env, "/data", { FARHAND_WORKER_IMAGE: "i" })).toEqual({
    PATH: "/bin",
    FARHAND_MODEL: "m",
    FARHAND_WORKER_IMAGE: "i",
    FARHAND_DATA: "/data",
  });
});

test("a demo sees none of the user's settings or keys", () => {
  const env = { PATH: "/bin", FARHAND_DATA: "/mine", ANTHROPIC_API_KEY: "sk-ant-mine" };
  expect(withoutSettings(env)).toEqual({ PATH: "/bin" });
});
