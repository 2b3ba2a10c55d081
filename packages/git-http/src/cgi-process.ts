import type { ReadableStreamDefaultReader } from "node:stream/web";
import { CGI_HEAD_MAX_BYTES, type CgiHead, parseCgiHead } from "./cgi-header.ts";

/** How long git may take to end after SIGTERM, with which it also ends its own children. */
const TERM_GRACE_MS = 2_000;

/** One run of `git http-backend`. */
export class CgiProcess {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "ignore">;
  readonly #output: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #killTimer: ReturnType<typeof setTimeout> | undefined;

  private constructor(env: Record<string, string>) {
    this.#child = Bun.spawn(["git", "http-backend"], {
      env,
      // Not a folder with a repository in it: git must find the one it is told and no other.
      cwd: "/",
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
      // A group of its own, so that a pack process that outlives its parent can be ended too.
      detached: true,
    });
    this.#output = this.#child.stdout.getReader();
    void this.#child.exited.then(() => clearTimeout(this.#killTimer));
  }

  /** Runs the program to the end of its headers; the body of the answer streams afterwards. */
  static async answer(
    env: Record<string, string>,
    body: ReadableStream<Uint8Array> | null,
    signal: AbortSignal,
  ): Promise<Response> {
    const run = new CgiProcess(env);
    const stop = () => run.#terminate();
    signal.addEventListener("abort", stop, { once: true });
    void run.#child.exited.then(() => signal.removeEventListener("abort", stop));
    void run.#feed(body);
    const head = await run.#readHead();
    if (head === null) {
      run.#terminate();
      return new Response("git did not answer.\n", {
        status: 500,
        headers: { "content-type": "text/plain; charset=utf-8" },
      });
    }
    return new Response(run.#bodyAfter(head.rest), { status: head.status, headers: head.headers });
  }

  /** Passes the request's body on. A program that stops reading is no failure: its answer tells why. */
  async #feed(body: ReadableStream<Uint8Array> | null): Promise<void> {
    const input = this.#child.stdin;
    const reader = body?.getReader();
    try {
      for (;;) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) break;
        input.write(chunk.value);
        // Waits until the pipe has taken it: without this a whole pack would gather in memory.
        await input.flush();
      }
    } catch {
      await reader?.cancel().catch(() => undefined);
    }
    await Promise.resolve(input.end()).catch(() => undefined);
  }

  async #readHead(): Promise<CgiHead | null> {
    let bytes = new Uint8Array(0);
    while (bytes.length < CGI_HEAD_MAX_BYTES) {
      const chunk = await this.#output.read().catch(() => null);
      if (chunk === null || chunk.done) return null;
      const longer = new Uint8Array(bytes.length + chunk.value.length);
      longer.set(bytes);
      longer.set(chunk.value, bytes.length);
      bytes = longer;
      try {
        const head = parseCgiHead(bytes);
        if (head !== null) return head;
      } catch {
        return null;
      }
    }
    return null;
  }

  #bodyAfter(rest: Uint8Array): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (rest.length > 0) controller.enqueue(rest);
      },
      pull: async (controller) => {
        const chunk = await this.#output.read().catch(() => null);
        if (chunk !== null && !chunk.done) controller.enqueue(chunk.value);
        // git's own protocol tells the client of an answer that ends too early.
        else controller.close();
      },
      cancel: () => this.#terminate(),
    });
  }

  #terminate(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    this.#killTimer ??= setTimeout(() => this.#killGroup(), TERM_GRACE_MS);
  }

  #killGroup(): void {
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // The group has ended in the meantime.
    }
  }
}
