import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clientHello } from "../../test/egress.ts";
import { type HelloResult, readClientHello } from "./client-hello.ts";

const hello = (serverName: string | null, hasEncryptedHello = false): HelloResult => ({
  status: "hello",
  hello: { serverName, hasEncryptedHello },
});

describe("a ClientHello", () => {
  test("is read wherever it is cut, and never too early", () => {
    const bytes = clientHello("registry.example.test");
    for (let size = 0; size < bytes.length; size++)
      expect(readClientHello(bytes.subarray(0, size))).toEqual({ status: "more" });
    expect(readClientHello(bytes)).toEqual(hello("registry.example.test"));
  });

  test("is read over any number of records, and with bytes behind it", () => {
    for (const recordBytes of [1, 2, 3, 5, 50, 100]) {
      const bytes = clientHello("registry.example.test", { recordBytes });
      for (let size = 0; size < bytes.length; size++)
        expect(readClientHello(bytes.subarray(0, size)).status).toBe("more");
      expect(readClientHello(bytes)).toEqual(hello("registry.example.test"));
      const more = Buffer.concat([bytes, Buffer.from([20, 3, 3, 0, 1, 1])]);
      expect(readClientHello(more)).toEqual(hello("registry.example.test"));
    }
  });

  test("of a real client is understood", async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, data) {
          resolve(Buffer.from(data));
          socket.end();
        },
      },
    });
    const tried = fetch(`https://127.0.0.1:${server.port}/`, {
      headers: { host: "Registry.Example.test" },
      tls: { serverName: "Registry.Example.test", rejectUnauthorized: false },
    }).catch(() => null);
    const found = readClientHello(await promise);
    await tried;
    server.stop(true);
    expect(found).toEqual(hello("registry.example.test"));
  });

  test("tells of an encrypted one inside, and of a name that is not there", () => {
    expect(readClientHello(clientHello("a.test", { extensions: [[0xfe0d, Buffer.alloc(8)]] }))).toEqual(
      hello("a.test", true),
    );
    expect(readClientHello(clientHello(null))).toEqual(hello(null));
  });

  test.each<[string, Buffer]>([
    ["plain HTTP", Buffer.from("GET / HTTP/1.1\r\n")],
    ["SSH", Buffer.from("SSH-2.0-x\r\n")],
    ["another record", Buffer.from([23, 3, 3, 0, 1, 0])],
    ["an old hello", Buffer.from([0x80, 0x2e, 1, 3, 1])],
    ["an empty record", Buffer.from([22, 3, 1, 0, 0])],
    ["a record that is too long", Buffer.from([22, 3, 1, 0xff, 0xff])],
    ["another handshake", Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ["a hello that is too long", Buffer.from([22, 3, 1, 0, 4, 1, 1, 0, 0])],
    ["a hello that ends too early", Buffer.from([22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3])],
    ["two names", clientHello("a.test", { extensions: [[0, Buffer.from([0, 5, 0, 0, 2, 98, 46])]] })],
    ["a name of another kind", clientHello(null, { extensions: [[0, Buffer.from([0, 4, 1, 0, 1, 97])]] })],
    [
      "two names in one list",
      clientHello(null, { extensions: [[0, Buffer.from([0, 8, 0, 0, 1, 97, 0, 0, 1, 98])]] }),
    ],
    ["a name with a zero in it", clientHello("a.test\0.b")],
    ["an empty name", clientHello(null, { extensions: [[0, Buffer.from([0, 3, 0, 0, 0])]] })],
  ])("is not found in %s", (_, bytes) => {
    expect(readClientHello(bytes)).toEqual({ status: "not_tls" });
  });

  test("is either found, waited for or not there, whatever the bytes are", () => {
    const bytes = clientHello("registry.example.test");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        expect(["more", "not_tls", "hello"]).toContain(readClientHello(noise).status);
      }),
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        const found = readClientHello(changed);
        // A name other than the one that was written needs a change of that very byte.
        if (found.status !== "hello" || found.hello.serverName === "registry.example.test") return;
        const nameAt = bytes.indexOf("registry");
        const isInName = at >= nameAt - 9 && at < nameAt + "registry.example.test".length;
        expect(isInName || found.hello.serverName === null).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
