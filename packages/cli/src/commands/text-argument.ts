import type { CommandContext } from "./context.ts";

/** A text from the command line; `-` stands for what standard input holds. */
export async function textArgument(given: string, { stdin }: Pick<CommandContext, "stdin">): Promise<string> {
  if (given !== "-") return given;
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
