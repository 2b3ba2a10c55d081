import { runDoctor } from "../setup/doctor.ts";
import { markOf } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";

/** Shows what this machine has and lacks. Fails when something is missing that tasks cannot do without. */
export async function doctor(
  { root, env }: CommandContext,
  { screen, colors, json }: Terminal,
): Promise<number> {
  const checks = await runDoctor({ root, env });
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const check of checks) {
    const mark = markOf(check.ok ? "ok" : check.severity === "error" ? "failed" : "warning", { colors });
    screen.print([`  ${mark} ${check.name.padEnd(width)}  ${colors.dim(check.detail)}`]);
    if (!check.ok && check.action) screen.print([`    ${" ".repeat(width)}  ${check.action}`]);
  }
  const failed = checks.some(({ ok, severity }) => !ok && severity === "error");
  json?.({ ok: !failed, checks });
  return failed ? ExitCode.failed : ExitCode.ok;
}
