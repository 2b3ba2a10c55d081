import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { findCompose, freePort, run, until } from "./support/deployment.ts";
import { noDocker } from "./support/docker.ts";
import { testImages } from "./support/test-images.ts";

const compose = noDocker ? null : await findCompose();
if (!noDocker && compose === null)
  process.stdout.write(
    "Tests of the proxies' configurations are skipped: there is no Docker Compose here.\n",
  );

const folder = join(import.meta.dir, "support/streaming");
const project = `farhand-test-${crypto.randomUUID().slice(0, 8)}`;
let environment: Record<string, string>;
let authorities: Record<"caddy" | "nginx", string>;

const composed = (...argv: string[]) =>
  run([...(compose ?? []), "-p", project, "-f", "compose.yaml", ...argv], folder, environment);

beforeAll(async () => {
  if (compose === null) return;
  const images = await testImages(join(import.meta.dir, "../.."));
  environment = {
    FARHAND_IMAGE: images.coordinator,
    FARHAND_CADDY_IMAGE: images.proxies,
    FARHAND_HTTPS_PORT: String(await freePort()),
    FARHAND_NGINX_PORT: String(await freePort()),
  };
  await composed("up", "-d");
  const read = (service: string, path: string) =>
    until(`${service}'s certificate`, () => composed("exec", "-T", service, "cat", path).catch(() => null));
  authorities = {
    caddy: await read("caddy", "/data/caddy/pki/authorities/local/root.crt"),
    nginx: await read("nginx", "/etc/letsencrypt/live/farhand.example.com/fullchain.pem"),
  };
  for (const proxy of ["caddy", "nginx"] as const)
    await until(`an answer through ${proxy}`, async () =>
      (await ask(proxy, "/caller").catch(() => null))?.ok ? true : null,
    );
}, 900_000);
afterAll(async () => {
  if (compose !== null) await composed("down", "--volumes", "--timeout", "2");
}, 60_000);

const portOf = (proxy: "caddy" | "nginx") =>
  proxy === "caddy" ? environment.FARHAND_HTTPS_PORT : environment.FARHAND_NGINX_PORT;
const ask = (proxy: "caddy" | "nginx", path: string, headers: Record<string, string> = {}) =>
  fetch(`https://localhost:${portOf(proxy)}${path}`, { headers, tls: { ca: authorities[proxy] } });

for (const proxy of ["caddy", "nginx"] as const)
  describe.skipIf(compose === null)(`deploy/${proxy === "caddy" ? "Caddyfile" : "nginx.conf"}`, () => {
    test("lets each piece of an answer through as it comes", async () => {
      const id = crypto.randomUUID();
      const answer = await ask(proxy, `/stream?id=${id}`);
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      // The second piece is not even made before this one has arrived: a proxy that holds it back stands still here.
      expect((await reader?.read())?.value).toBe("first\n");
      await ask(proxy, `/got-first?id=${id}`);
      expect((await reader?.read())?.value).toBe("second\n");
    });

    test("lets a WebSocket through, each message as it comes", async () => {
      const socket = new WebSocket(`wss://localhost:${portOf(proxy)}/api/ws`, {
        tls: { ca: authorities[proxy] },
      });
      const next = () =>
        new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
      await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      for (const text of ["one", "two"]) {
        const answer = next();
        socket.send(text);
        expect(await answer).toMatchObject({ data: text });
      }
      socket.close();
    });

    test("says where the client is, and believes nothing that the client says of it", async () => {
      const forged = {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "evil.example.com",
        "x-real-ip": "127.0.0.1",
        forwarded: "for=127.0.0.1",
      };
      const plain = await (await ask(proxy, "/caller")).json();
      const lied = await (await ask(proxy, "/caller", forged)).json();
      for (const caller of [plain, lied]) {
        expect(caller).toMatchObject({ isTls: true, peer: { isLoopback: false } });
        const { peer } = caller as { peer: { address: string } };
        // The client reaches the container over the engine's own network.
        expect(peer.address).toMatch(/^172\.31\.92\.1$/);
      }
      expect(JSON.stringify(lied)).not.toContain("evil.example.com");
    });
  });
