import type { EgressMode, EgressOverview } from "@farhand/protocol";
import { exactLine } from "../terminal/exact-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { needRunning } from "./running-coordinator.ts";

export interface NetworkOptions {
  /** The settings of this repository; the default's where it is left out. */
  repository?: string;
  mode?: EgressMode | "default";
  /** Take the place of the hosts that are there. */
  hosts?: string[];
}

/** Shows what sandboxes may reach, after setting it where something is given. @returns the exit code */
export async function network(
  context: CommandContext,
  terminal: Terminal,
  { repository, mode, hosts }: NetworkOptions,
): Promise<number> {
  const client = await needRunning(context);
  let overview = await client.egress();
  if (mode !== undefined || hosts !== undefined) {
    if (repository === undefined) {
      const { default: before } = overview;
      overview = await client.setEgress({
        mode: mode === undefined || mode === "default" ? before.mode : mode,
        hosts: hosts ?? before.hosts,
      });
    } else {
      const before = overview.repositories.find((it) => it.repository === repository);
      overview = await client.setRepositoryEgress({
        repository,
        mode: mode === "default" ? null : (mode ?? before?.mode ?? null),
        hosts: hosts ?? before?.hosts ?? [],
      });
    }
  }
  const { screen, json } = terminal;
  screen.print(linesOf(overview).map((line) => `  ${exactLine(line)}`));
  json?.({ ...overview });
  return ExitCode.ok;
}

const EXPLAINED: Record<EgressMode, string> = {
  none: "nothing",
  packages: "the public package registries",
  list: "the listed hosts alone",
  all: "every public host",
};

function linesOf({ default: fallback, repositories }: EgressOverview): string[] {
  const row = (name: string, mode: string, hosts: string[]) =>
    `${name}: ${mode}${hosts.length === 0 ? "" : ` + ${hosts.join(", ")}`}`;
  return [
    row("default", `${fallback.mode} (${EXPLAINED[fallback.mode]})`, fallback.hosts),
    ...repositories.map((it) => row(it.repository, it.mode ?? "as by default", it.hosts)),
  ];
}
