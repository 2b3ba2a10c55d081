/** A request as the simulator got it. Secrets are left out. */
export interface RecordedRequest {
  requestId: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Which of the simulator's keys came with it; null when none of them did. */
  keyIndex: number | null;
  /** The JSON body; null when there was none or it did not parse. */
  body: unknown;
  status: number;
  /** Scenario and turn that answered; null where none did. */
  scenario: string | null;
  turn: number | null;
  /** The client went away before the answer was whole. */
  clientLeft: boolean;
}

const SECRET_HEADERS = new Set(["x-api-key", "authorization", "cookie", "proxy-authorization"]);

export function safeHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const safe: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    safe[name] = SECRET_HEADERS.has(name) ? "[redacted]" : Array.isArray(value) ? value.join(", ") : value;
  }
  return safe;
}
