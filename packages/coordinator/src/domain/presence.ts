/** Which task is in front on which device, as clients tell it over their connections. Nothing of it is kept. */
export interface Presence {
  /** @param connection anything that stands for it: the same object for its whole life */
  look(connection: object, at: Looking | null): void;
  /** The connection has given a sign of life. */
  seen(connection: object): void;
  isLooking(device: { id: string; userId: string; sessionId: string | null }, taskId: string): boolean;
}

export interface Looking {
  userId: string;
  sessionId: string | null;
  /** Null for every device of the session. */
  deviceId: string | null;
  taskId: string;
}

/** A phone that has fallen asleep does not close its connection: after this long in silence it looks at nothing. */
const SILENT_MS = 45_000;

export function createPresence(nowMs: () => number): Presence {
  const all = new Map<object, Looking & { seenMs: number }>();
  return {
    look(connection, at) {
      if (at) all.set(connection, { ...at, seenMs: nowMs() });
      else all.delete(connection);
    },
    seen(connection) {
      const found = all.get(connection);
      if (found) found.seenMs = nowMs();
    },
    isLooking: (device, taskId) =>
      [...all.values()].some(
        (looking) =>
          looking.taskId === taskId &&
          looking.userId === device.userId &&
          nowMs() - looking.seenMs <= SILENT_MS &&
          (looking.deviceId === null
            ? looking.sessionId !== null && looking.sessionId === device.sessionId
            : looking.deviceId === device.id),
      ),
  };
}
