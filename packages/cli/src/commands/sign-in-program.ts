import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import { listInvites, withdrawInvite } from "./invites.ts";
import { login, logout } from "./sign-in.ts";
import { invite, link, sessions } from "./sign-in-devices.ts";
import type { Within } from "./task/program.ts";
import { UsageError } from "./usage-error.ts";

const URL_ARGUMENT = ["[url]", "the coordinator's address, such as https://farhand.example.com"] as const;

interface Options {
  json?: boolean;
}

interface InviteOptions extends Options {
  provider: string;
  list?: boolean;
  withdraw?: string;
}

/** Adds the commands about who is signed in, and who may be. */
export function addSignInCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  program
    .command("login")
    .description("Sign this command line in at a coordinator, with the help of a browser")
    .argument(...URL_ARGUMENT)
    .option(...json)
    .action((url: string | undefined, options: Options) =>
      within(options, (terminal) => login(context, terminal, { url })),
    );

  program
    .command("logout")
    .description("Sign this command line out")
    .argument(...URL_ARGUMENT)
    .option(...json)
    .action((url: string | undefined, options: Options) =>
      within(options, (terminal) => logout(context, terminal, { url })),
    );

  program
    .command("sessions")
    .description("List the browsers, apps and command lines that are signed in as you")
    .option("--end <id>", "sign this one out")
    .option(...json)
    .action((options: Options & { end?: string }) =>
      within(options, (terminal) => sessions(context, terminal, { end: options.end })),
    );

  program
    .command("link")
    .description("Print a link and a QR code that sign in another device of yours")
    .option("--member <login>", "for a member who has no other way in (owner only)")
    .option(...json)
    .action((options: Options & { member?: string }) =>
      within(options, (terminal) => link(context, terminal, { member: options.member })),
    );

  program
    .command("invite")
    .description(
      "Let a person join: by their login, or with a link where none is given; or see to open invites (owner only)",
    )
    .argument("[login]", "the person's login, such as octocat")
    .option("--provider <name>", "where that login is: github or gitlab", "github")
    .option("--list", "instead: list the invites that nobody has used yet")
    .option("--withdraw <id>", "instead: withdraw one of them")
    .option(...json)
    .action((who: string | undefined, options: InviteOptions) =>
      within(options, (terminal) => {
        const { provider, list, withdraw } = options;
        if ([who !== undefined, list === true, withdraw !== undefined].filter(Boolean).length > 1)
          throw new UsageError("That asks for more than one thing.", "See: farhand invite --help");
        if (list) return listInvites(context, terminal);
        if (withdraw !== undefined) return withdrawInvite(context, terminal, { id: withdraw });
        return invite(context, terminal, { login: who, provider });
      }),
    );
}
