import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { PROTOCOL_VERSION } from "@farhand/protocol";
import Docker from "dockerode";
import { ensureBaseImage } from "./base-image.ts";
import { runDoctor } from "./doctor.ts";
import { ensureDocker } from "./engine.ts";
import { ensureWorkerImage, findWorkerImage } from "./image.ts";
import { SetupError } from "./setup-error.ts";

const root = resolve(import.meta.dir, "../../../..");
const engine = await ensureDocker({ log: () => {}, allowInstall: false });
if (!engine.available) process.stderr.write(`The worker image's tests are skipped: ${engine.reason}\n`);
const docker = new Docker({ socketPath: engine.available ? engine.socketPath : "/nowhere" });
const folder = await mkdtemp(join(tmpdir(), "farhand-setup-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the worker image", () => {
  let image = "";

  beforeAll(async () => {
    if (engine.available) ({ image } = await ensureWorkerImage({ docker, root, log: () => {} }));
  }, 900_000);

  async function printed(script: string): Promise<string> {
    const output = new PassThrough();
    let text = "";
    output.on("data", (chunk) => {
      text += chunk;
    });
    await docker.run(image, ["bash", "-c", script], output, {
      HostConfig: { AutoRemove: true, NetworkMode: "none" },
    });
    return text.replaceAll("\r", "").trim();
  }

  test.skipIf(!engine.available)("is not built twice", async () => {
    const said: string[] = [];
    const again = await ensureWorkerImage({ docker, root, log: (line) => said.push(line) });
    expect(again).toMatchObject({ image, built: false });
    expect(said).toEqual([]);
    expect((await findWorkerImage({ docker, root }))?.image).toBe(image);
  });

  test.skipIf(!engine.available)("has what a coding agent reaches for", async () => {
    const tools = "git curl jq rg ps less unzip xz python3 pip3 node npm make gcc g++";
    expect(
      await printed(
        `for tool in ${tools}; do command -v $tool >/dev/null || echo "no $tool"; done; echo done`,
      ),
    ).toBe("done");
  });

  test.skipIf(!engine.available)("runs as an ordinary user who owns the workspace", async () => {
    expect(await printed("id -u; id -g; pwd; stat -c %u:%g /workspace; stat -c %a /tmp")).toBe(
      "10001\n10001\n/workspace\n10001:10001\n1777",
    );
  });

  test.skipIf(!engine.available)("has no program that raises its user's rights", async () => {
    const scan = "find / -xdev -perm /6000 ! -type l 2>/dev/null; getcap -r / 2>/dev/null; echo none";
    expect(await printed(scan)).toBe("none");
    // The control: this scan sees what it looks for.
    const planted = `cp /bin/true /tmp/x; cp /bin/true /tmp/y; chmod u+s /tmp/x; chmod g+s /tmp/y; ${scan}`;
    expect((await printed(planted)).split("\n").toSorted()).toEqual(["/tmp/x", "/tmp/y", "none"]);
  });

  test.skipIf(!engine.available)("trusts the authorities that the host trusts", async () => {
    const bundle = Bun.file("/etc/ssl/certs/ca-certificates.crt");
    if (!(await bundle.exists())) {
      process.stderr.write("The host has no bundle of authorities to compare with.\n");
      return;
    }
    const inside = await printed('sha256sum < "$SSL_CERT_FILE" | cut -d" " -f1');
    expect(inside).toBe(new Bun.CryptoHasher("sha256").update(await bundle.bytes()).digest("hex"));
  });

  test.skipIf(!engine.available)(
    "is explained when there is no registry and no package source for a base",
    async () => {
      // Port 9 of the loopback: nobody listens there.
      const error = await ensureBaseImage({
        docker,
        release: null,
        publicBase: "127.0.0.1:9/nothing:1",
        log: () => {},
      }).catch((thrown: unknown) => thrown);
      if (!(error instanceof SetupError)) throw new Error("expected a SetupError");
      expect(error.message).toContain("127.0.0.1:9/nothing:1");
      expect(error.action).toContain("docker load");
    },
    60_000,
  );
});

describe("the doctor", () => {
  const examine = async (env: Record<string, string>) =>
    new Map(
      (
        await runDoctor({
          root,
          env: { PATH: process.env.PATH ?? "", FARHAND_DATA: join(folder, "data"), ...env },
        })
      ).map((check) => [check.name, check]),
    );

  test("finds on this machine what these tests run on", async () => {
    const checks = await examine({});
    for (const name of ["Bun", "git", "Clock", "Data folder"]) expect(checks.get(name)?.ok).toBe(true);
    expect(checks.get("Docker")?.ok).toBe(engine.available);
    for (const check of checks.values()) expect(check.action === "").toBe(check.ok);
  });

  test("says what to do about an engine that is away", async () => {
    const docker = (await examine({ DOCKER_HOST: `unix://${folder}/none.sock` })).get("Docker");
    expect(docker).toMatchObject({
      ok: false,
      severity: "error",
      action: expect.stringContaining("DOCKER_HOST"),
    });
  });

  test("tells a port that another program holds from one that Farhand holds", async () => {
    using stranger = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    using farhand = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => Response.json({ status: "live", version: "9.9.9", protocol: PROTOCOL_VERSION }),
    });
    const taken = (await examine({ FARHAND_PORT: String(stranger.port) })).get("Port");
    expect(taken).toMatchObject({
      ok: false,
      severity: "error",
      detail: `${stranger.port} is taken by another program`,
    });
    const held = (await examine({ FARHAND_PORT: String(farhand.port) })).get("Port");
    expect(held).toMatchObject({ ok: true, detail: `${farhand.port} is held by Farhand 9.9.9` });
    expect((await examine({ FARHAND_PORT: "eighty" })).get("Port")?.ok).toBe(false);
  });

  test("warns of a data folder that others can read, and of running without isolation", async () => {
    await chmod(folder, 0o755);
    const checks = await examine({ FARHAND_DATA: folder, FARHAND_SANDBOX: "process" });
    expect(checks.get("Data folder")).toMatchObject({ ok: false, action: `Run: chmod 700 ${folder}` });
    expect(checks.get("Sandbox")).toMatchObject({ ok: false, severity: "warning" });
    expect(checks.has("Docker")).toBe(false);
  });

  test("never prints a key", async () => {
    const key = `sk-ant-api03-${"canary".repeat(10)}`;
    const checks = await examine({ ANTHROPIC_API_KEY: key });
    expect(checks.get("Claude key")?.ok).toBe(true);
    expect(JSON.stringify([...checks.values()])).not.toContain("canary");
  });
});
