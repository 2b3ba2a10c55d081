import { PROTOCOL_VERSION, ServerFrame } from "@farhand/protocol";
import { createLiveAnswers } from "../src/domain/live-answers.ts";
import { createPresence } from "../src/domain/presence.ts";
import { type Connection, createHub, type HubOptions } from "../src/websocket/hub.ts";
import { MemoryLog } from "./memory-log.ts";
import { tokenAuthenticator } from "./token-authenticator.ts";

export const OWNER = { id: "u_owner", login: "owner", token: "fho_owner" };
export const OTHER = { id: "u_other", login: "other", token: "fho_other" };

/** A hub behind a real server on loopback, over tasks in memory. */
export function startHub(options: Partial<HubOptions> = {}) {
  const memory = new MemoryLog();
  const deltas = createLiveAnswers(memory);
  const errors: unknown[] = [];
  const presence = createPresence(() => Date.now());
  const hub = createHub({
    authenticator: tokenAuthenticator({
      byToken: async (token) => [OWNER, OTHER].find((user) => user.token === token) ?? null,
    }),
    tasks: memory,
    log: memory,
    deltas,
    presence,
    onError: (error) => errors.push(error),
    ...options,
  });
  const server = Bun.serve<Connection>({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, it) =>
      it.upgrade(request, {
        data: hub.newConnection({ peer: { address: null, isLoopback: true }, headers: request.headers }),
      })
        ? undefined
        : new Response(null, { status: 426 }),
    websocket: hub.handler,
  });
  return {
    memory,
    deltas,
    presence,
    errors,
    hub,
    port: server.port ?? 0,
    connect: (user?: { token: string }) => connect(`ws://127.0.0.1:${server.port}/`, user),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

export type HubClient = Awaited<ReturnType<typeof connect>>;

/** A client that keeps every frame and can be waited on. With a user it has said hello. */
async function connect(url: string, user?: { token: string }) {
  const socket = new WebSocket(url);
  const frames: ServerFrame[] = [];
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  let changed = Promise.withResolvers<void>();
  let onFrame: (frame: ServerFrame) => void = () => undefined;
  socket.onmessage = ({ data }) => {
    const frame = ServerFrame.parse(JSON.parse(data));
    frames.push(frame);
    onFrame(frame);
    changed.resolve();
  };
  socket.onclose = ({ code, reason }) => closed.resolve({ code, reason });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const send = (frame: unknown) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  const until = async (enough: () => boolean) => {
    while (!enough()) {
      changed = Promise.withResolvers();
      await changed.promise;
    }
  };
  const count = (type: ServerFrame["type"]) => frames.filter((frame) => frame.type === type).length;
  const events = () =>
    frames.flatMap((frame) =>
      frame.type === "event" ? [frame.event] : frame.type === "events" ? frame.events : [],
    );
  const hello = (token: string, protocol = PROTOCOL_VERSION) => send({ type: "hello", protocol, token });
  if (user) hello(user.token);
  return {
    socket,
    frames,
    closed: closed.promise,
    send,
    hello,
    until,
    count,
    events,
    seqs: () => events().map(({ seq }) => seq),
    tasks: () => frames.flatMap((frame) => (frame.type === "task" ? [frame.task] : [])),
    /** Everything that the server had to say before is here afterwards. */
    async settle() {
      const pongs = count("pong");
      send({ type: "ping" });
      await until(() => count("pong") > pongs);
    },
    onFrame(callback: (frame: ServerFrame) => void) {
      onFrame = callback;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
