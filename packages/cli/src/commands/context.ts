import type { Keyboard } from "../terminal/keys.ts";
import type { TextStream } from "../terminal/screen.ts";

/** Takes bytes as well, and says when its reader has caught up. */
export interface ByteStream extends TextStream {
  /** False when the reader is behind. */
  write(data: string | Uint8Array): boolean;
  once(event: "drain" | "close" | "error", listener: () => void): unknown;
  off(event: "drain" | "close" | "error", listener: () => void): unknown;
}

/** All that a command takes from the process it runs in. */
export interface CommandContext {
  /** Folder of the Farhand repository. */
  root: string;
  /** Folder that the command was given in. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdin: Keyboard & AsyncIterable<Buffer | string>;
  stdout: ByteStream;
  stderr: TextStream;
}
