import { z } from "zod";

/** One line of what the engine says while it pulls, imports or builds. */
const EngineLine = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  error: z.string().optional(),
});
export type EngineLine = z.infer<typeof EngineLine>;

/**
 * Reads the engine's JSON lines until the stream ends. Throws when the engine reports an error and when it says
 * nothing for `idleMs`: a registry that cannot be reached shows itself by silence only.
 */
export async function followEngine(
  stream: NodeJS.ReadableStream,
  options: { idleMs: number; onLine: (line: EngineLine) => void },
): Promise<void> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const hush = () => reject(new Error(`the engine said nothing for ${Math.round(options.idleMs / 1000)} s`));
  let timer = setTimeout(hush, options.idleMs);
  const read = async () => {
    let rest = "";
    for await (const chunk of stream) {
      clearTimeout(timer);
      timer = setTimeout(hush, options.idleMs);
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) tell(line, options.onLine);
    }
    tell(rest, options.onLine);
  };
  try {
    await Promise.race([read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

function tell(text: string, onLine: (line: EngineLine) => void): void {
  if (text.trim() === "") return;
  const line = EngineLine.parse(JSON.parse(text));
  if (line.error !== undefined) throw new Error(line.error.trim());
  onLine(line);
}
