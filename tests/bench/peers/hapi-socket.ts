import { within } from "../within.ts";

const JOIN_MS = 30_000;

/** A HAPI agent's connection to its hub: Socket.IO 4 in the namespace `/cli`, of which it takes no more than sending. */
export interface HapiSocket extends Disposable {
  emit(event: string, payload: object): void;
}

export async function openHapiSocket(origin: string, token: string, sessionId: string): Promise<HapiSocket> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const { promise: joined, resolve, reject } = Promise.withResolvers<void>();
  socket.onerror = () => reject(new Error("the hub refused the connection"));
  socket.onmessage = ({ data }) => {
    const text = String(data);
    // The packets of Engine.IO: 0 opens, 2 asks whether anybody is there. 4 carries Socket.IO's own.
    if (text.startsWith("0"))
      socket.send(`40/cli,${JSON.stringify({ token, clientType: "session-scoped", sessionId })}`);
    else if (text === "2") socket.send("3");
    else if (text.startsWith("40/cli")) resolve();
    else if (text.startsWith("44/cli")) reject(new Error(`the hub refused: ${text}`));
  };
  await within(JOIN_MS, "joining the hub", joined);
  return {
    emit: (event, payload) => socket.send(`42/cli,${JSON.stringify([event, payload])}`),
    [Symbol.dispose]: () => socket.close(),
  };
}
