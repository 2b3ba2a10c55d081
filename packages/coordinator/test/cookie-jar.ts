/** As much of a browser as signing in needs: cookies by host, redirects, forms. */
export class CookieJar {
  readonly #home: string;
  readonly #cookies = new Map<string, { value: string; path: string; header: string }>();

  constructor(home: string) {
    this.#home = home;
  }

  /** The `set-cookie` headers of what is held for a host. */
  get headers(): string[] {
    return [...this.#cookies.values()].map(({ header }) => header);
  }

  cookieFor(url: URL): string {
    return [...this.#cookies]
      .filter(([key, { path }]) => key.startsWith(`${url.host} `) && url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.slice(url.host.length + 1)}=${value}`)
      .join("; ");
  }

  /** Asks once, without following where the answer leads. */
  async ask(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, this.#home);
    const headers = new Headers(init.headers);
    const cookie = this.cookieFor(url);
    if (cookie !== "" && !headers.has("cookie")) headers.set("cookie", cookie);
    headers.set("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0");
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const header of answer.headers.getSetCookie()) this.#keep(url.host, header);
    return answer;
  }

  /** Sends a form as a page of the same origin does. */
  submit(
    address: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.ask(address, {
      method: "POST",
      headers: {
        origin: new URL(address, this.#home).origin,
        "content-type": "application/x-www-form-urlencoded",
        ...headers,
      },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Follows redirects, until a page comes, or one leads to an address that is no web page. */
  async follow(answer: Response, from = this.#home): Promise<{ url: URL; answer: Response }> {
    let url = new URL(answer.url || from);
    let current = answer;
    for (let hops = 0; hops < 10; hops++) {
      const location = current.headers.get("location");
      if (location === null) return { url, answer: current };
      url = new URL(location, url);
      if (!url.protocol.startsWith("http")) return { url, answer: current };
      current = await this.ask(url.href);
    }
    throw new Error("redirected in a circle");
  }

  /** Sends the page's first form, with its hidden fields and these. */
  async press({ url, answer }: { url: URL; answer: Response }, fields: Record<string, string>) {
    const text = await answer.text();
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
      ([, name = "", value = ""]): [string, string] => [name, unescaped(value)],
    );
    const action = unescaped(/<form[^>]* action="([^"]*)"/.exec(text)?.[1] ?? url.href);
    const target = new URL(action, url);
    const sent = await this.submit(target.href, { ...Object.fromEntries(hidden), ...fields });
    return this.follow(sent, target.href);
  }

  #keep(host: string, header: string): void {
    const [pair = "", ...attributes] = header.split(/; */);
    const [name = "", value = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    const path = attributes.find((it) => /^path=/i.test(it))?.slice(5) ?? "/";
    const isGone = attributes.some((it) => /^max-age=0$/i.test(it));
    if (isGone) this.#cookies.delete(`${host} ${name}`);
    else this.#cookies.set(`${host} ${name}`, { value, path, header });
  }
}

const unescaped = (text: string) =>
  text.replace(/&(?:#(\d+)|amp|quot|lt|gt);/g, (entity, code?: string) =>
    code === undefined
      ? ({ "&amp;": "&", "&quot;": '"', "&lt;": "<", "&gt;": ">" }[entity] ?? entity)
      : String.fromCharCode(Number(code)),
  );
