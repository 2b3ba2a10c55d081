/** Somebody on the public side: a browser with its cookies, at an address of their own behind the trusted proxy. */
export class Visitor {
  readonly address: string;
  readonly #home: string;
  readonly #cookies = new Map<string, string>();
  static #count = 0;

  constructor(home: string) {
    this.#home = home;
    Visitor.#count += 1;
    this.address = `11.5.${Math.floor(Visitor.#count / 250)}.${(Visitor.#count % 250) + 1}`;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Asks once and follows nothing. Headers that are given stand above those of a browser. */
  async ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const headers: Record<string, string> = { "x-forwarded-for": this.address, "user-agent": "Mozilla/5.0" };
    if (this.cookie !== "") headers.cookie = this.cookie;
    const url = new URL(path, this.#home);
    const answer = await fetch(url, {
      ...init,
      headers: { ...headers, ...init.headers },
      redirect: "manual",
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      if (attributes.some((it) => /max-age=0$/i.test(it))) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** Sends a form, by default from a page of the server itself. */
  submit(
    path: string,
    fields: Record<string, string>,
    origin = new URL(this.#home).origin,
  ): Promise<Response> {
    return this.ask(path, {
      method: "POST",
      headers: { origin, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Sends JSON, by default from a page of the server itself. */
  send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const own = { origin: new URL(this.#home).origin, "content-type": "application/json" };
    return this.ask(path, { method, headers: { ...own, ...headers }, body: JSON.stringify(body) });
  }
}

/** What a command line or an app does at OAuth's addresses: forms without cookies. */
export function oauth(visitor: Visitor, path: string, fields: Record<string, string>): Promise<Response> {
  return visitor.ask(`/api/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: "" },
    body: new URLSearchParams(fields).toString(),
  });
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

export const redeemDevice = (device: Visitor, code: string) =>
  oauth(device, "/oauth2/token", { grant_type: DEVICE_GRANT, device_code: code, client_id: "farhand-cli" });

/** A device code that the person behind `browser` has approved. */
export async function approvedDevice(device: Visitor, browser: Visitor): Promise<string> {
  const asked = await oauth(device, "/device/code", { client_id: "farhand-cli" });
  const code = (await asked.json()) as { device_code: string; user_code: string };
  const approved = await browser.submit("/device", { user_code: code.user_code, decision: "approve" });
  if (!approved.ok)
    throw new Error(`the device is not approved: ${approved.status} ${await approved.text()}`);
  return code.device_code;
}

export async function signInDevice(device: Visitor, browser: Visitor): Promise<Tokens> {
  return tokensOf(await redeemDevice(device, await approvedDevice(device, browser)));
}

export const refresh = (device: Visitor, token: string) =>
  oauth(device, "/oauth2/token", {
    grant_type: "refresh_token",
    refresh_token: token,
    client_id: "farhand-cli",
  });

export async function tokensOf(answer: Response): Promise<Tokens> {
  if (!answer.ok) throw new Error(`no tokens: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Tokens;
}
