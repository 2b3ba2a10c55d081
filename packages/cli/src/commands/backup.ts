import { resolve } from "node:path";
import { type BackupProgress, runBackupProgram } from "../server/backup-process.ts";
import { coordinatorEnvironment, readServerSettings } from "../server/server-settings.ts";
import { formatBytes } from "../terminal/format.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { stopSignal } from "./interrupts.ts";

/** Writes all of the data folder but its secrets into one archive. @returns the exit code */
export async function backup(
  context: CommandContext,
  terminal: Terminal,
  options: { file: string },
): Promise<number> {
  const saved = await runStep(terminal, "Backup", async (log) => {
    const ended = await work(context, "save", options.file, eachStep(terminal, log));
    const size = formatBytes(ended.sizeBytes ?? 0);
    const mark = ended.warnings.length > 0 ? "warning" : "ok";
    return { value: ended, detail: [ended.file, size, repositories(ended)].join(", "), mark };
  });
  const { screen, colors, json } = terminal;
  for (const warning of saved.warnings) screen.print([`  ${colors.yellow("!")} ${warning}`]);
  screen.print([
    `    ${colors.dim("Tokens and the master key are not in it, and the keys of users only sealed. It holds code and conversations: keep it where only you can read it.")}`,
  ]);
  json?.({ result: "saved", ...saved });
  return ExitCode.ok;
}

/** Puts an archive into the empty data folder. @returns the exit code */
export async function restore(
  context: CommandContext,
  terminal: Terminal,
  options: { file: string },
): Promise<number> {
  const restored = await runStep(terminal, "Restore", async (log) => {
    const ended = await work(context, "restore", options.file, eachStep(terminal, log));
    return { value: ended, detail: [`into ${ended.dataDirectory}`, repositories(ended)].join(", ") };
  });
  const { screen, colors, json } = terminal;
  screen.print([
    `    ${colors.dim("Start it with: farhand up. It makes a new token; tasks that were running go on. Stored keys open only with the master key of the old folder (master.key, or FARHAND_MASTER_KEY): bring it along, or enter them anew.")}`,
  ]);
  json?.({ result: "restored", ...restored });
  return ExitCode.ok;
}

const repositories = (ended: { repositories: number }) =>
  ended.repositories === 1 ? "1 repository" : `${ended.repositories} repositories`;

/** Every item where it can be drawn over; elsewhere a line for each step is enough. */
function eachStep({ isLive }: Terminal, log: (line: string) => void): (progress: BackupProgress) => void {
  let last = "";
  return ({ step, detail, done, total }) => {
    if (!isLive && step === last) return;
    last = step;
    const count = total > 1 ? `${done} of ${total}` : "";
    log((isLive ? [step, count, detail] : [step]).filter(Boolean).join(" · "));
  };
}

async function work(
  { env, root, cwd }: CommandContext,
  command: "save" | "restore",
  file: string,
  onProgress: (progress: BackupProgress) => void,
) {
  using stop = stopSignal();
  const { dataDirectory } = readServerSettings(env, root);
  return runBackupProgram({
    root,
    argv: [command, resolve(cwd, file)],
    env: coordinatorEnvironment(env, dataDirectory, {}),
    onProgress,
    signal: stop.signal,
  });
}
