import {
  Assignment,
  type Delta,
  InboxPage,
  type NumberedWorkerEvent,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  TakenMessages,
  WorkerEnv,
  type WorkerEvent,
  WorkerRoutes,
} from "@farhand/protocol";

const BATCH = 200;

/** The gateway as a worker reaches it, with no patience for trouble: in a benchmark there is to be none. */
export class Gateway {
  readonly #socket = process.env[WorkerEnv.socket] ?? "";
  readonly #token = process.env[WorkerEnv.token] ?? "";
  #n = 0;

  async assignment(): Promise<Assignment> {
    return Assignment.parse(await this.#call(`${WorkerRoutes.assignment}?after=0`));
  }

  /** Resolves when the log has them. */
  async report(events: readonly WorkerEvent[]): Promise<void> {
    const at = new Date().toISOString();
    const numbered = events.map((event): NumberedWorkerEvent => ({ n: ++this.#n, at, event }));
    for (let from = 0; from < numbered.length; from += BATCH)
      await this.#call(WorkerRoutes.events, { events: numbered.slice(from, from + BATCH) });
  }

  async stream(deltas: Delta[]): Promise<void> {
    if (deltas.length > 0) await this.#call(WorkerRoutes.deltas, { deltas });
  }

  /** Waits for messages that steer. @returns their texts, and where both cursors stand then */
  async messages(cursor: { inbox: number; delivered: number }) {
    for (;;) {
      const { items } = InboxPage.parse(await this.#call(`${WorkerRoutes.inbox}?after=${cursor.inbox}`));
      const inbox = items.at(-1)?.n ?? cursor.inbox;
      if (items.some(({ type }) => type !== "messages")) return null;
      if (items.length === 0) continue;
      const taken = TakenMessages.parse(
        await this.#call(WorkerRoutes.messages, { after: cursor.delivered }),
      ).messages;
      const delivered = taken.at(-1)?.n ?? cursor.delivered;
      if (taken.length > 0) return { texts: taken.map(({ text }) => text), cursor: { inbox, delivered } };
      cursor = { inbox, delivered };
    }
  }

  async #call(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://gateway${path}`, {
      method: body ? "POST" : "GET",
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: {
        authorization: `Bearer ${this.#token}`,
        [PROTOCOL_HEADER]: String(PROTOCOL_VERSION),
        "content-type": "application/json",
      },
      unix: this.#socket,
      timeout: false,
    } as RequestInit);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}
