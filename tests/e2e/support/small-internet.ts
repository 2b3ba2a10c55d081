/**
 * A program that plays the internet inside a network namespace of its own: listens where it is told once its addresses are
 * there, and remembers what it was sent. Arguments: a folder with `server.pem`, `server.key` and `package.tgz`.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { join } from "node:path";
import { INTERNET } from "./private-internet.ts";

const folder = process.argv[2] ?? "";
const seen: string[] = [];
const tarball = await Bun.file(join(folder, "package.tgz")).bytes();
const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
const tls = { cert: Bun.file(join(folder, "server.pem")), key: Bun.file(join(folder, "server.key")) };

/** A package registry with one package, and some tricks. */
async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  seen.push(
    `${request.method} ${url.protocol}//${request.headers.get("host")}${url.pathname} ${await request.text()}`,
  );
  switch (url.pathname) {
    case "/tiny-package":
      return Response.json({
        name: "tiny-package",
        "dist-tags": { latest: "1.0.0" },
        versions: {
          "1.0.0": {
            name: "tiny-package",
            version: "1.0.0",
            dist: {
              tarball: "https://registry.example.test/tiny-package/-/tiny-package-1.0.0.tgz",
              integrity,
            },
          },
        },
      });
    case "/tiny-package/-/tiny-package-1.0.0.tgz":
      return new Response(tarball);
    case "/redirect":
      return new Response(null, { status: 302, headers: { location: url.searchParams.get("to") ?? "/" } });
    default:
      return new Response(`you asked ${request.headers.get("host")}\n`);
  }
}

// The namespace's other half gives it its addresses, and then says so.
for await (const _ of process.stdin) break;

const { registry, metadata, inside, control } = INTERNET;
Bun.serve({ hostname: registry, port: 443, tls, fetch: answer });
Bun.serve({ hostname: registry, port: 8443, tls, fetch: answer });
for (const hostname of [registry, metadata, inside]) Bun.serve({ hostname, port: 80, fetch: answer });
createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (data) => seen.push(`raw ${data.toString("latin1")}`));
  socket.write("220 speaks first\r\n");
}).listen(2525, registry);
await Bun.udpSocket({
  hostname: registry,
  port: 53,
  socket: { data: (_socket, data) => void seen.push(`UDP ${data.toString("latin1")}`) },
});
Bun.serve({ hostname: inside, port: control, fetch: () => Response.json(seen) });
process.stdout.write("ready\n");
