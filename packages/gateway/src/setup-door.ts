import { randomBytes, timingSafeEqual } from "node:crypto";
import { EGRESS_SOCKET_NAME } from "@farhand/protocol";
import { EgressDoor, type EgressDoorOptions } from "./egress/egress-door.ts";
import { serveSocket } from "./egress/socket-server.ts";
import { Fence } from "./fence.ts";
import type { GatewayPorts, SetupWay } from "./ports.ts";
import { TaskSocket } from "./task-socket.ts";

const TOKEN_BYTES = 32;

export interface SetupDoor extends SetupWay {
  socket: TaskSocket;
}

/**
 * The way to the network for what prepares a task's system: root there, with secrets beside it. So it has a folder and
 * a token of its own, which open the user's egress policy and nothing else, for as long as the door is open and the
 * attempt that it was opened for is the current one.
 */
export async function openSetupDoor(options: {
  ports: GatewayPorts;
  taskId: string;
  /** The attempt's own. It stays here. */
  attemptToken: string;
  directory: string;
  egress: Pick<EgressDoorOptions, "caps" | "dial" | "onError">;
  maxConnections: number;
}): Promise<SetupDoor> {
  const { ports, taskId, attemptToken, directory } = options;
  const token = `fhs_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  const shut = new AbortController();
  const fence = new Fence(
    {
      claim: async (_taskId, given) =>
        isSame(given, token) ? ports.claim(taskId, attemptToken) : { status: "unknown" },
    },
    taskId,
    shut.signal,
  );
  const egress = new EgressDoor({ ...options.egress, ports, fence });
  const socket = await TaskSocket.open(directory, EGRESS_SOCKET_NAME, (path) =>
    serveSocket(path, (connection) => egress.serve(connection), options.maxConnections),
  );
  async function close(): Promise<void> {
    shut.abort(new Error("the setup is over"));
    try {
      await socket.close();
    } finally {
      fence[Symbol.dispose]();
    }
  }
  let closing: Promise<void> | undefined;
  return {
    socket,
    directory,
    socketName: EGRESS_SOCKET_NAME,
    token,
    [Symbol.asyncDispose]: () => {
      closing ??= close();
      return closing;
    },
  };
}

function isSame(given: string, token: string): boolean {
  const [one, two] = [Buffer.from(given), Buffer.from(token)];
  return one.length === two.length && timingSafeEqual(one, two);
}
