import type { Keyboard } from "../terminal/keys.ts";
import type { TextStream } from "../terminal/screen.ts";

/** All that a command takes from the process it runs in. */
export interface CommandContext {
  /** Folder of the Farhand repository. */
  root: string;
  /** Folder that the command was given in. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdin: Keyboard & AsyncIterable<Buffer | string>;
  stdout: TextStream;
  stderr: TextStream;
}
