import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { InterruptedError } from "./interrupts.ts";
import { textArgument } from "./text-argument.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACES = new Set(["\u007f", "\b"]);
const ENDS = new Set(["\r", "\n", CTRL_D]);

/**
 * A secret from standard input: typed without being shown, or piped in. There is no way to give one as an argument,
 * where every user of the machine could read it.
 */
export async function readSecret(
  { stdin }: Pick<CommandContext, "stdin">,
  { screen, isLive }: Pick<Terminal, "screen" | "isLive">,
  question: string,
): Promise<string> {
  if (stdin.isTTY !== true) return (await textArgument("-", { stdin })).replace(/\r?\n$/, "");
  const ask = `  ? ${question} (it is not shown): `;
  if (isLive) screen.setLive(() => [ask]);
  else screen.print([ask]);
  try {
    return await typed(stdin);
  } finally {
    if (isLive) screen.setLive(null);
  }
}

function typed(stdin: CommandContext["stdin"]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const end = () => {
      stdin.off("data", listen);
      stdin.setRawMode(false);
      stdin.pause();
    };
    const listen = (data: Buffer) => {
      for (const character of data.toString("utf8")) {
        if (character === CTRL_C) {
          end();
          return reject(new InterruptedError());
        }
        if (ENDS.has(character)) {
          end();
          return resolve(text);
        }
        text = BACKSPACES.has(character) ? text.slice(0, -1) : text + character;
      }
      return undefined;
    };
    stdin.setRawMode(true);
    stdin.on("data", listen);
    stdin.resume();
  });
}
