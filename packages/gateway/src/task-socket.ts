import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Name of the socket file inside a task's folder. */
export const SOCKET_NAME = "g.sock";

/** `sun_path` holds 108 bytes, the last one being zero. */
const SOCKET_PATH_MAX_BYTES = 107;

/** A server that listens at a socket's path. */
export interface SocketServer {
  /** Takes no more; with `true` what is open is cut, else it goes on to its end. */
  stop(closeActive: boolean): Promise<void>;
}

type Serve = (path: string) => SocketServer | Promise<SocketServer>;

/**
 * One of a task's socket files and the server behind it. The folder is mounted into a sandbox, so it is never replaced
 * while the task is open; the file in it may be.
 */
export class TaskSocket {
  readonly #directory: string;
  readonly #name: string;
  readonly #serve: Serve;
  /** The last one listens; those before it finish what they have. */
  readonly #servers = new Set<SocketServer>();
  #current: { server: SocketServer; file: string } | null = null;
  #isClosed = false;
  /** What is done to the file is done one after the other. */
  #tail: Promise<void> = Promise.resolve();

  private constructor(directory: string, name: string, serve: Serve) {
    this.#directory = directory;
    this.#name = name;
    this.#serve = serve;
  }

  /**
   * @param name ends with `.sock`
   * @param serve makes a server that listens at the given path.
   * @throws Error when the path would be too long for the operating system.
   */
  static async open(directory: string, name: string, serve: Serve): Promise<TaskSocket> {
    const path = join(directory, name);
    const sizeBytes = Buffer.byteLength(path);
    if (sizeBytes > SOCKET_PATH_MAX_BYTES) {
      throw new Error(
        `The gateway's socket path is ${sizeBytes} bytes long and the system takes ${SOCKET_PATH_MAX_BYTES}: ` +
          `choose a shorter data folder. It would have been ${path}`,
      );
    }
    const socket = new TaskSocket(directory, name, serve);
    await socket.#listen();
    return socket;
  }

  get directory(): string {
    return this.#directory;
  }

  /** Listens anew where the file is gone or is another one. Requests that are under way go on. */
  heal(): Promise<void> {
    return this.#next(async () => {
      if (this.#isClosed || (await this.#fileIsOurs())) return;
      const old = this.#current?.server;
      await this.#listen();
      if (old === undefined) return;
      void old.stop(false).finally(() => this.#servers.delete(old));
    });
  }

  /** Cuts what is open and removes the folder. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#next(async () => {
      await Promise.all([...this.#servers].map((server) => server.stop(true)));
      await rm(this.#directory, { recursive: true, force: true });
    });
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    // Whoever asked for the work hears of its failure; the next work does not depend on it.
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async #listen(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    // A sandbox's user is not ours, so it may enter the folder but not change it, and may connect. The folder
    // above keeps other users of the machine out.
    await chmod(this.#directory, 0o755);
    const path = join(this.#directory, this.#name);
    // Made under another name and then renamed, it is never there half done.
    const fresh = join(this.#directory, this.#name.replace(/\.sock$/, ".new"));
    await rm(fresh, { recursive: true, force: true });
    const server = await this.#serve(fresh);
    try {
      await chmod(fresh, 0o666);
      // A folder in the file's place is the one thing that a rename does not replace.
      if ((await lstat(path).catch(() => null))?.isDirectory()) await rm(path, { recursive: true });
      await rename(fresh, path);
      this.#current = { server, file: await identityOf(path) };
    } catch (error) {
      await server.stop(true);
      throw error;
    }
    this.#servers.add(server);
  }

  async #fileIsOurs(): Promise<boolean> {
    try {
      return this.#current?.file === (await identityOf(join(this.#directory, this.#name)));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    }
  }
}

/** The time of the last change is in it, since the next file may get a removed one's inode. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino, ctimeNs } = await lstat(path, { bigint: true });
  return `${dev}:${ino}:${ctimeNs}`;
}
