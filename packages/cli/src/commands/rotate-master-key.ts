import { runRotation } from "../server/rotation-process.ts";
import { coordinatorEnvironment, readServerSettings } from "../server/server-settings.ts";
import { plural } from "../terminal/format.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";

/** Seals everything in the data folder with a new master key. @returns the exit code */
export async function rotateMasterKey(context: CommandContext, terminal: Terminal): Promise<number> {
  const { env, root } = context;
  const { dataDirectory } = readServerSettings(env, root);
  const rotated = await runStep(terminal, "Master key", async () => {
    const ended = await runRotation({ root, env: coordinatorEnvironment(env, dataDirectory, {}) });
    return {
      value: ended,
      detail: `${plural(ended.resealed, "secret")} sealed anew in ${dataDirectory}`,
      mark: ended.unreadable > 0 ? "warning" : "ok",
    };
  });
  const { screen, colors, json } = terminal;
  const lines = [
    ...(rotated.source === "environment"
      ? ["Now set FARHAND_MASTER_KEY to the new key: the old one opens nothing here any more."]
      : ["The old key opens nothing here any more. If you keep the key elsewhere too, replace it there."]),
    ...(rotated.unreadable > 0
      ? [
          `${plural(rotated.unreadable, "secret")} could not be opened before, and cannot now: enter them anew.`,
        ]
      : []),
  ];
  screen.print(lines.map((line) => `    ${colors.dim(line)}`));
  json?.({ result: "rotated", ...rotated });
  return ExitCode.ok;
}
