import { IDEMPOTENCY_HEADER } from "@farhand/protocol";

export interface Answer {
  status: number;
  body: unknown;
}

/** The coordinator's REST API past the client package, so that the suite decides on keys and repeats. */
export interface Api {
  /**
   * Asks for a change until there is an answer, always under the same key, as a phone with a bad connection does.
   * Throws when none comes in time.
   */
  change(method: "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer>;
  /** Throws when no answer comes in time. */
  read(path: string): Promise<Answer>;
  /** From now on, or no more, every request is sent twice at once. */
  replay(isOn: boolean): void;
  /** Where two answers to the same request differed. */
  readonly differences: string[];
}

const ANSWER_LIMIT_MS = 45_000;
const TRY_LIMIT_MS = 8_000;

export function createApi(baseUrl: string, token: string): Api {
  const differences: string[] = [];
  let replays = false;

  async function once(
    method: string,
    path: string,
    key: string | null,
    body: unknown,
  ): Promise<Answer | null> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (key !== null) headers[IDEMPOTENCY_HEADER] = key;
    if (body !== undefined) headers["content-type"] = "application/json";
    const init: RequestInit = {
      method,
      headers,
      signal: AbortSignal.timeout(TRY_LIMIT_MS),
      keepalive: false,
    };
    if (body !== undefined) init.body = JSON.stringify(body);
    try {
      const answer = await fetch(baseUrl + path, init);
      const text = await answer.text();
      if (answer.status >= 500) return null;
      return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
    } catch {
      // No connection, or one that broke: it is not known whether the request arrived.
      return null;
    }
  }

  async function persistently(name: string, attempt: () => Promise<Answer | null>): Promise<Answer> {
    const giveUpAt = performance.now() + ANSWER_LIMIT_MS;
    while (performance.now() < giveUpAt) {
      const answer = await attempt();
      if (answer !== null) return answer;
      await Bun.sleep(100);
    }
    throw new Error(`${name} had no answer for ${ANSWER_LIMIT_MS / 1000} s`);
  }

  return {
    differences,
    replay(isOn) {
      replays = isOn;
    },
    read: (path) => persistently(`GET ${path}`, () => once("GET", path, null, undefined)),
    async change(method, path, body) {
      const key = crypto.randomUUID();
      const name = `${method} ${path}`;
      const attempt = () => once(method, path, key, body);
      if (!replays) return persistently(name, attempt);
      const [one, other] = await Promise.all([persistently(name, attempt), persistently(name, attempt)]);
      if (JSON.stringify(one) !== JSON.stringify(other))
        differences.push(`${name} sent twice: ${JSON.stringify(one)} and ${JSON.stringify(other)}`);
      return one;
    },
  };
}
