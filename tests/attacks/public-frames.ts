import { connect } from "node:net";
import { PROTOCOL_VERSION } from "@farhand/protocol";
import type { Attack, Attempt } from "./attack.ts";
import { memoryOf } from "./processes.ts";
import { publicAttack } from "./public-attack.ts";
import type { PublicGround } from "./public-ground.ts";

const AREA = "web";
const MiB = 1024 ** 2;

/** Opens a WebSocket, sends frames, and tells what came of it: what was said, and the code with which it was closed. */
async function speak(
  url: string,
  headers: Record<string, string>,
  frames: (string | Uint8Array)[],
): Promise<{ opened: boolean; said: string[]; code: number | null }> {
  const said: string[] = [];
  const { promise, resolve } = Promise.withResolvers<{ opened: boolean; code: number | null }>();
  let opened = false;
  const socket = new WebSocket(url, { headers } as unknown as string);
  socket.addEventListener("open", () => {
    opened = true;
    for (const frame of frames) socket.send(frame);
  });
  socket.addEventListener("message", ({ data }) => said.push(String(data).slice(0, 200)));
  socket.addEventListener("close", ({ code }) => resolve({ opened, code }));
  socket.addEventListener("error", () => resolve({ opened, code: null }));
  const timer = setTimeout(() => resolve({ opened, code: null }), 1500);
  const end = await promise;
  clearTimeout(timer);
  socket.close();
  return { ...end, said };
}

const wsOf = ({ url }: PublicGround) => `${url.replace("http", "ws")}/api/ws`;
const hello = (token: string) => JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, token });

/** Frames that no honest client sends. The largest is what a proxy would still pass on. */
const BAD_FRAMES = (ground: PublicGround): [name: string, frames: (string | Uint8Array)[]][] => [
  ["no JSON", ["}{"]],
  ["bytes", [new Uint8Array([0, 255, 254])]],
  ["no hello", [JSON.stringify({ type: "subscribe", taskId: ground.task.id, after: 0 })]],
  ["an unknown type", [JSON.stringify({ type: "eval", code: "1" })]],
  ["unknown keys", [JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, token: "x", admin: true })]],
  [
    "a prototype",
    [`{"__proto__":{"type":"hello"},"type":"hello","protocol":${PROTOCOL_VERSION},"token":""}`],
  ],
  ["deep nesting", [`${"[".repeat(30_000)}${"]".repeat(30_000)}`]],
  ["a large frame", [`{"type":"ping","x":"${"x".repeat(200_000)}"}`]],
  ["a very large frame", ["x".repeat(12 * MiB)]],
  ["another protocol", [JSON.stringify({ type: "hello", protocol: 1e9, token: "x" })]],
  ["a wrong token", [hello("fho_wrong")]],
];

/** Frames that break the WebSocket protocol itself, byte by byte. */
const RAW_FRAMES: [name: string, bytes: number[]][] = [
  ["not masked", [0x81, 0x02, 0x7b, 0x7d]],
  ["a reserved opcode", [0x83, 0x80, 1, 2, 3, 4]],
  ["reserved bits", [0xf1, 0x80, 1, 2, 3, 4]],
  ["a length of 2^62", [0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]],
  ["a control frame in pieces", [0x09, 0x80, 1, 2, 3, 4]],
  ["a continuation of nothing", [0x80, 0x80, 1, 2, 3, 4]],
];

async function sendRaw({ url }: PublicGround, bytes: number[]): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(Number(port), hostname, () => {
    socket.write(
      `GET /api/ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
  });
  let isOpen = false;
  socket.on("data", (data) => {
    if (!isOpen && data.includes("101")) {
      isOpen = true;
      socket.write(Buffer.from(bytes));
    }
  });
  socket.on("close", () => resolve(true));
  socket.on("error", () => resolve(true));
  const timer = setTimeout(() => resolve(false), 12_000);
  const isClosed = await promise;
  clearTimeout(timer);
  socket.destroy();
  return isClosed;
}

async function isWell(ground: PublicGround): Promise<boolean> {
  const answer = await ground.owner
    .ask("/api/tasks", { signal: AbortSignal.timeout(3000) })
    .catch(() => null);
  return answer?.ok === true;
}

export const frameAttacks: Attack[] = [
  publicAttack({
    area: AREA,
    name: "oversized and malformed WebSocket frames",
    by: "frames have a largest size and a shape, and end the connection otherwise",
    async try(ground) {
      const { pid } = ground.world.coordinator.process;
      const before = await memoryOf(pid);
      const lasting: string[] = [];
      for (const [name, frames] of BAD_FRAMES(ground)) {
        const { said, code, opened } = await speak(wsOf(ground), {}, frames);
        if (!opened) throw new Error(`no connection for ${name}`);
        if (code === null || said.some((text) => text.includes("welcome"))) lasting.push(name);
      }
      const raw = await Promise.all(
        RAW_FRAMES.map(async ([name, bytes]) => ((await sendRaw(ground, bytes)) ? null : name)),
      );
      lasting.push(...raw.filter((name) => name !== null));
      const grown = (await memoryOf(pid)) - before;
      const well = await isWell(ground);
      return {
        succeeded: lasting.length > 0 || grown > 150 * MiB || !well,
        evidence: `${lasting.join(", ") || "all were cut off"}; ${Math.round(grown / MiB)} MiB more; ${well ? "well" : "NOT WELL"}`,
      };
    },
    async control() {
      // A server that takes whatever comes.
      let taken = 0;
      using server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: (request, it) => (it.upgrade(request) ? undefined : new Response()),
        websocket: {
          maxPayloadLength: 64 * MiB,
          message: (_socket, message) => {
            taken += message.length;
          },
        },
      });
      const url = server.url.href.replace("http", "ws");
      const { code } = await speak(url, {}, ["x".repeat(12 * MiB), "}{"]);
      return { succeeded: code === null && taken > 12 * MiB, evidence: `${taken} bytes were taken` };
    },
  }),
  publicAttack({
    area: AREA,
    name: "a WebSocket of another page with the owner's cookies",
    by: "origins are checked before the connection is made",
    async try(ground) {
      const outcomes: Attempt[] = [];
      for (const origin of ["https://evil.example", "null"]) {
        const { said } = await speak(wsOf(ground), { origin, cookie: ground.owner.cookie }, [hello("")]);
        outcomes.push({ succeeded: said.some((text) => text.includes("welcome")), evidence: said.join(" ") });
      }
      return outcomes.find(({ succeeded }) => succeeded) ?? { succeeded: false, evidence: "not opened" };
    },
    async control(ground) {
      const headers = { origin: new URL(ground.url).origin, cookie: ground.owner.cookie };
      const { said } = await speak(wsOf(ground), headers, [hello("")]);
      return { succeeded: said.some((text) => text.includes("welcome")), evidence: said.join(" ") };
    },
  }),
  publicAttack({
    area: AREA,
    name: "another person's task over the WebSocket",
    by: "what is not yours is not there",
    async try(ground) {
      const headers = { origin: new URL(ground.url).origin, cookie: ground.member.cookie };
      const asked = [hello(""), JSON.stringify({ type: "subscribe", taskId: ground.task.id, after: 0 })];
      const { said } = await speak(wsOf(ground), headers, [
        ...asked,
        JSON.stringify({ type: "subscribe_tasks" }),
      ]);
      if (!said.some((text) => text.includes("welcome"))) throw new Error("the member is not welcome");
      const leaked = said.filter((text) => /"type":"(event|task)"/.test(text));
      return { succeeded: leaked.length > 0, evidence: leaked[0] ?? said.join(" ") };
    },
    async control(ground) {
      const headers = { origin: new URL(ground.url).origin, cookie: ground.owner.cookie };
      const asked = [hello(""), JSON.stringify({ type: "subscribe", taskId: ground.task.id, after: 0 })];
      const { said } = await speak(wsOf(ground), headers, asked);
      return {
        succeeded: said.some((text) => text.includes('"type":"event"')),
        evidence: `${said.length} frames`,
      };
    },
  }),
  publicAttack({
    area: AREA,
    name: "oversized and malformed bodies",
    by: "a limit on bodies, and schemas that refuse unknown keys",
    async try(ground) {
      const large = `{"repository":"x","prompt":"${"x".repeat(20 * MiB)}"}`;
      const bodies: [name: string, body: string, headers?: Record<string, string>][] = [
        ["20 MiB", large],
        ["deep nesting", "[".repeat(400_000)],
        ["half a body", '{"repository":'],
        ["a prototype", '{"__proto__":{"userId":"u_owner"},"constructor":{},"repository":"x","prompt":"x"}'],
        ["another user", JSON.stringify({ repository: "x", prompt: "x", userId: "u_owner" })],
        ["gzip of very much", gzipBomb(), { "content-encoding": "gzip" }],
      ];
      const taken: string[] = [];
      const before = await memoryOf(ground.world.coordinator.process.pid);
      for (const [name, body, headers = {}] of bodies) {
        const answer = await ground.member.ask("/api/tasks", {
          method: "POST",
          headers: { origin: new URL(ground.url).origin, "content-type": "application/json", ...headers },
          body: name.startsWith("gzip") ? Buffer.from(body, "latin1") : body,
        });
        if (answer.status < 400) taken.push(`${name} ${answer.status}`);
      }
      const grown = (await memoryOf(ground.world.coordinator.process.pid)) - before;
      const well = await isWell(ground);
      return {
        succeeded: taken.length > 0 || !well || grown > 300 * MiB,
        evidence: `${taken.join(", ") || "all were refused"}; ${Math.round(grown / MiB)} MiB more`,
      };
    },
    async control() {
      using server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: async (request) => new Response(String((await request.text()).length)),
      });
      const answer = await fetch(server.url, { method: "POST", body: "x".repeat(20 * MiB) });
      return { succeeded: Number(await answer.text()) === 20 * MiB, evidence: "20 MiB were taken" };
    },
  }),
];

/** A hundred MiB of blanks in a hundred KiB. */
const gzipBomb = () => Buffer.from(Bun.gzipSync(new Uint8Array(100 * MiB).fill(32))).toString("latin1");
