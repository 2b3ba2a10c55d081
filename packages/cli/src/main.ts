/** The command line: reads it, opens the terminal, runs one command, and exits with its code. */
import { resolve } from "node:path";
import { Argument, Command, CommanderError } from "commander";
import packageJson from "../package.json";
import { addNetworkCommands } from "./commands/allow-program.ts";
import { buildApp } from "./commands/app.ts";
import { ATTACH, oneMore } from "./commands/attach-files.ts";
import { audit } from "./commands/audit.ts";
import { backup, restore } from "./commands/backup.ts";
import type { CommandContext } from "./commands/context.ts";
import { addCostCommands } from "./commands/cost-program.ts";
import { demo } from "./commands/demo/demo.ts";
import { addDeviceCommands } from "./commands/devices-program.ts";
import { doctor } from "./commands/doctor.ts";
import { ExitCode } from "./commands/exit-code.ts";
import { addKeyCommands } from "./commands/keys-program.ts";
import { addMemberCommands } from "./commands/members-program.ts";
import { reportError } from "./commands/report-error.ts";
import { type RunOptions, run } from "./commands/run.ts";
import { addSignInCommands } from "./commands/sign-in-program.ts";
import { addTaskCommands, wholeNumber } from "./commands/task/program.ts";
import { type FaultOptions, SUITES, type Suite } from "./commands/test/steps.ts";
import { test } from "./commands/test/test.ts";
import { up } from "./commands/up.ts";
import { PLATFORMS, type Platform } from "./setup/app-export.ts";
import { openTerminal, type Terminal } from "./terminal/terminal.ts";

const context: CommandContext = {
  root: resolve(import.meta.dir, "../../.."),
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
};

let exitCode: number = ExitCode.ok;

/** Runs one command with a terminal that is put in order whatever happens. */
async function within(
  options: { json?: boolean },
  command: (terminal: Terminal) => Promise<number>,
): Promise<void> {
  using terminal = openTerminal({ ...context, json: options.json === true });
  try {
    exitCode = await command(terminal);
  } catch (error) {
    exitCode = reportError(error, terminal);
  }
}

const JSON_OPTION = [
  "--json",
  "print JSON lines for programs; what is for people goes to standard error",
] as const;

const program = new Command("farhand")
  .description("Give a coding task to an agent that works in a locked container of your own.")
  .version(packageJson.version)
  .helpCommand(false)
  // `--json` behind `keys add` is that command's, not that of `keys`.
  .enablePositionalOptions()
  .exitOverride()
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true });

program
  .command("up")
  .description("Start the server and print its address")
  .option(...JSON_OPTION)
  .action((options: { json?: boolean }) => within(options, (terminal) => up(context, terminal)));

program
  .command("demo")
  .description(
    "Do a whole task with nothing configured: a sample repository, a scripted model, real containers",
  )
  .option("--keep", "leave the server running afterwards, to look around")
  .option(...JSON_OPTION)
  .action((options: { json?: boolean; keep?: boolean }) =>
    within(options, (terminal) => demo(context, terminal, { keep: options.keep === true })),
  );

type RunFlags = Omit<RunOptions, "repository" | "prompt"> & { json?: boolean };

program
  .command("run")
  .description("Give a task to the agent and watch it; starts the server where none runs")
  .argument("<repository>", "URL of a repository, or a path on the server's machine")
  .argument("<prompt>", "what the agent should do; - reads it from standard input")
  .option("--model <model>", "the Claude model, such as claude-sonnet-5-5")
  .option("--base <branch>", "the branch to start from, if not the default one")
  .option(...ATTACH, oneMore, [])
  .option(...JSON_OPTION)
  .action((repository: string, prompt: string, options: RunFlags) =>
    within(options, (terminal) => run(context, terminal, { ...options, repository, prompt })),
  );

addTaskCommands(program, { context, within, json: JSON_OPTION });
addSignInCommands(program, { context, within, json: JSON_OPTION });
addMemberCommands(program, { context, within, json: JSON_OPTION });
addKeyCommands(program, { context, within, json: JSON_OPTION });
addCostCommands(program, { context, within, json: JSON_OPTION });
addDeviceCommands(program, { context, within, json: JSON_OPTION });
addNetworkCommands(program, { context, within, json: JSON_OPTION });

program
  .command("app")
  .description("Build the app for browsers and phones")
  .command("build")
  .description("Bundle the app; `up` does so by itself for browsers")
  .addArgument(new Argument("<platform>", "what it is for").choices(PLATFORMS))
  .option(...JSON_OPTION)
  .action((platform: Platform, options: { json?: boolean }) =>
    within(options, (terminal) => buildApp(context, terminal, platform)),
  );

program
  .command("audit")
  .description("Show who did what from where, the newest first")
  .option("--limit <number>", "the most that is shown", wholeNumber(1, 1_000_000), 50)
  .option("--export <file>", "write all of it into a file instead, one JSON object a line")
  .option(...JSON_OPTION)
  .action((options: { json?: boolean; limit: number; export?: string }) =>
    within(options, (terminal) =>
      audit(context, terminal, { limit: options.limit, exportTo: options.export ?? null }),
    ),
  );

program
  .command("backup")
  .description("Write tasks, conversations and repositories into one archive; the server may run meanwhile")
  .argument("<file>", "the archive to make, such as farhand.tar.gz")
  .option(...JSON_OPTION)
  .action((file: string, options: { json?: boolean }) =>
    within(options, (terminal) => backup(context, terminal, { file })),
  );

program
  .command("restore")
  .description("Put an archive of `farhand backup` into an empty data folder (FARHAND_DATA)")
  .argument("<file>", "the archive")
  .option(...JSON_OPTION)
  .action((file: string, options: { json?: boolean }) =>
    within(options, (terminal) => restore(context, terminal, { file })),
  );

program
  .command("test")
  .description("Run everything that proves the project, or one part of it")
  .addArgument(new Argument("[suite]", "unit includes format, lint, types and architecture").choices(SUITES))
  .option("--seed <number>", "for faults: what the rounds are drawn from", wholeNumber(0, 2 ** 31 - 1))
  .option("--rounds <number>", "for faults: how many rounds", wholeNumber(1, 100_000))
  .action((suite: Suite | undefined, faults: FaultOptions) =>
    within({}, (terminal) => test(context, terminal, { suite: suite ?? null, faults })),
  );

program
  .command("doctor")
  .description("Check this machine and say how to mend what is wrong")
  .option(...JSON_OPTION)
  .action((options: { json?: boolean }) => within(options, (terminal) => doctor(context, terminal)));

// A reader that has gone away, such as `head`, must not keep a command from cleaning up.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version that were asked for are no mistake.
  exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
}
// Exiting alone would lose what a slow reader of a pipe has not taken yet.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => stream.end(() => resolve()));
}
process.exit(exitCode);
