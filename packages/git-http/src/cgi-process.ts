import type { ReadableStreamDefaultReader } from "node:stream/web";
import { CGI_HEAD_MAX_BYTES, type CgiHead, parseCgiHead } from "./cgi-header.ts";
import type { GitHttpOptions } from "./options.ts";

/** How long git may take to end after SIGTERM, with which it also ends its own children. */
const TERM_GRACE_MS = 2_000;

/** How often a group that was told to end is looked at. */
const GROUP_LOOK_MS = 20;

const PRLIMIT = Bun.which("prlimit");

/** One run of `git http-backend`. */
export class CgiProcess {
  /** Resolves when the program and all that it started have ended. */
  readonly ended: Promise<void>;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "ignore">;
  readonly #output: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #stallMs: number | undefined;
  #isStopped = false;
  #killTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    env: Record<string, string>,
    { stallMs, maxMemoryBytes }: Pick<GitHttpOptions, "stallMs" | "maxMemoryBytes">,
  ) {
    this.#stallMs = stallMs;
    // Becomes git, which hands the bound on to all that it starts.
    const bound =
      PRLIMIT === null || maxMemoryBytes === undefined ? [] : [PRLIMIT, `--data=${maxMemoryBytes}`];
    this.#child = Bun.spawn([...bound, "git", "http-backend"], {
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
    this.ended = this.#end();
  }

  /** Runs the program to the end of its headers; the body of the answer streams afterwards. */
  async answer(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): Promise<Response> {
    const stop = () => this.#terminate();
    signal.addEventListener("abort", stop, { once: true });
    void this.ended.then(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
    void this.#feed(body);
    const head = await this.#readHead();
    if (head !== null) return new Response(this.#bodyAfter(head.rest), head);
    this.#terminate();
    return new Response("git did not answer.\n", {
      status: 500,
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  }

  /** Passes the request's body on. A program that stops reading is no failure: its answer tells why. */
  async #feed(body: ReadableStream<Uint8Array> | null): Promise<void> {
    const input = this.#child.stdin;
    const reader = body?.getReader();
    try {
      for (;;) {
        const watch = this.#watchForStall();
        const chunk = await reader?.read().finally(() => clearTimeout(watch));
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
    let watch: ReturnType<typeof setTimeout> | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (rest.length > 0) controller.enqueue(rest);
      },
      pull: async (controller) => {
        clearTimeout(watch);
        const chunk = await this.#output.read().catch(() => null);
        if (chunk !== null && !chunk.done) {
          controller.enqueue(chunk.value);
          // The next pull comes when somebody has taken this.
          watch = this.#watchForStall();
        }
        // git's own protocol tells the client of an answer that ends too early.
        else controller.close();
      },
      cancel: () => {
        clearTimeout(watch);
        this.#terminate();
      },
    });
  }

  #watchForStall(): ReturnType<typeof setTimeout> | undefined {
    if (this.#stallMs === undefined) return undefined;
    return setTimeout(() => this.#terminate(), this.#stallMs);
  }

  /** Also of what it started, which may not hear of its end before long. */
  #terminate(): void {
    if (this.#isStopped || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#isStopped = true;
    this.#signalGroup("SIGTERM");
    this.#killTimer = setTimeout(() => this.#signalGroup("SIGKILL"), TERM_GRACE_MS);
  }

  async #end(): Promise<void> {
    await this.#child.exited;
    const giveUpAt = performance.now() + 2 * TERM_GRACE_MS;
    while (this.#isStopped && this.#signalGroup(0) && performance.now() < giveUpAt)
      await Bun.sleep(GROUP_LOOK_MS);
    clearTimeout(this.#killTimer);
  }

  /** False when the group has ended. */
  #signalGroup(signal: "SIGTERM" | "SIGKILL" | 0): boolean {
    try {
      process.kill(-this.#child.pid, signal);
      return true;
    } catch {
      return false;
    }
  }
}
