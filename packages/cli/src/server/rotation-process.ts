import { join } from "node:path";
import { z } from "zod";
import { BackupError } from "./backup-process.ts";

/** The last thing that the program says. */
const End = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("rotated"),
    resealed: z.number(),
    unreadable: z.number(),
    source: z.enum(["environment", "file"]),
  }),
  z.object({ event: z.literal("failed"), code: z.string(), message: z.string(), action: z.string() }),
]);
export type Rotation = Omit<Extract<z.infer<typeof End>, { event: "rotated" }>, "event">;

/**
 * Runs the coordinator's program that exchanges the master key, to its end: cut off, it would have to be run again.
 *
 * @throws BackupError when it refuses or fails
 */
export async function runRotation(options: { root: string; env: Record<string, string> }): Promise<Rotation> {
  const program = join(options.root, "packages/coordinator/src/rotate-master-key.ts");
  const child = Bun.spawn([process.execPath, program], {
    cwd: options.root,
    env: options.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [said, complaint] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const end = parse(said.trim().split("\n").at(-1) ?? "");
  if (end === null)
    throw new BackupError(
      "internal",
      `It ended with code ${child.exitCode ?? "unknown"} and no reason.\n${complaint.slice(-2000)}`,
      "This is a bug in Farhand. Please report it.",
    );
  if (end.event === "failed") throw new BackupError(end.code, end.message, end.action);
  const { event: _event, ...rotation } = end;
  return rotation;
}

function parse(line: string): z.infer<typeof End> | null {
  try {
    return End.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
