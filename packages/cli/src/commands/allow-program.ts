import { EgressMode } from "@farhand/protocol";
import { type Command, Option } from "commander";
import { allow } from "./allow.ts";
import { type NetworkOptions, network } from "./allow-settings.ts";
import type { CommandContext } from "./context.ts";
import type { Within } from "./task/program.ts";

/** Adds the commands about what sandboxes may reach. */
export function addNetworkCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  program
    .command("allow")
    .description("Let tasks of a task's repository reach one more host")
    .argument("<task>", "a task's id, or its last 6 characters or more")
    .argument("<host>", "such as example.com, or example.com:8443 for another port than 443 and 80")
    .option(...json)
    .action((task: string, host: string, options: { json?: boolean }) =>
      within(options, (terminal) => allow(context, terminal, { task, host })),
    );

  program
    .command("network")
    .description(
      "Show, and set, what sandboxes may reach: the default, or with --repository one repository's own",
    )
    .option("--repository <repository>", "as `farhand network` lists it, or as tasks name it")
    .addOption(
      new Option("--mode <mode>", "`default` takes a repository's own mode away").choices([
        ...EgressMode.options,
        "default",
      ]),
    )
    .option("--hosts <hosts...>", "in place of those that are listed; *.example.com stands for all below it")
    .option("--no-hosts", "take all listed hosts away")
    .option(...json)
    .action((given: Omit<NetworkOptions, "hosts"> & { json?: boolean; hosts?: string[] | boolean }) => {
      const { hosts, json: _json, ...rest } = given;
      const listed = Array.isArray(hosts) ? { hosts } : hosts === false ? { hosts: [] } : {};
      return within(given, (terminal) => network(context, terminal, { ...rest, ...listed }));
    });
}
