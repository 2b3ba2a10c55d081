import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import { limit } from "./cost-program.ts";
import { type CapOptions, capMember, listMembers, removeMember } from "./members.ts";
import type { Within } from "./task/program.ts";

interface Json {
  json?: boolean;
}

/** Adds the commands about the people who use the server. */
export function addMemberCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  const members = program
    .command("members")
    .description("Show who may use this server, with their caps and what they have spent (owner only)")
    .option(...json)
    .action((options: Json) => within(options, (terminal) => listMembers(context, terminal)));

  members
    .command("cap")
    .description("Cap what a member's tasks may spend, whatever limits they set themselves (owner only)")
    .argument("<login>", "the member's login")
    .option("--usd-day <amount>", "in US dollars in one day (UTC); none takes the cap away", limit(false))
    .option("--tokens-day <number>", "in tokens in one day", limit(true))
    .option("--usd <amount>", "in US dollars in all", limit(false))
    .option("--tokens <number>", "in tokens in all", limit(true))
    .option(...json)
    .action((login: string, options: Json & CapOptions) =>
      within(options, (terminal) => capMember(context, terminal, { ...options, login })),
    );

  members
    .command("remove")
    .description("End all of a member's ways in; what they did stays (owner only)")
    .argument("<login>", "the member's login")
    .option(...json)
    .action((login: string, options: Json) =>
      within(options, (terminal) => removeMember(context, terminal, { login })),
    );
}
