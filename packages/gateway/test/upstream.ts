/** The model API as the gateway sees it: answers with what the test says and remembers what it was asked. */
export class Upstream implements AsyncDisposable {
  readonly asked: { method: string; path: string; headers: Record<string, string>; body: string }[] = [];
  answer: (request: Request) => Response | Promise<Response> = () => Response.json({ data: [] });
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    development: false,
    fetch: async (request) => {
      const url = new URL(request.url);
      this.asked.push({
        method: request.method,
        path: url.pathname + url.search,
        headers: Object.fromEntries(request.headers),
        body: await request.clone().text(),
      });
      return this.answer(request);
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async [Symbol.asyncDispose]() {
    await this.#server.stop(true);
  }
}

/** A streamed answer that the test writes piece by piece. */
export class LiveStream {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  isLeft = false;
  readonly response: Response;

  constructor(headers: Record<string, string> = {}) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.isLeft = true;
      },
    });
    this.response = new Response(body, { headers: { "content-type": "text/event-stream", ...headers } });
  }

  write(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  event(data: { type: string; [key: string]: unknown }): void {
    this.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#controller?.close();
  }

  break(): void {
    this.#controller?.error(new Error("cut"));
  }
}
