import type { KeyPurpose } from "@farhand/protocol";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";
import { addKey, checkKey, listKeys, purposeOf, removeKey } from "./keys.ts";
import { listSecrets, removeSecret, setSecret } from "./keys-secrets.ts";
import { rotateMasterKey } from "./rotate-master-key.ts";
import type { Within } from "./task/program.ts";

const KEY = "the key's host, purpose or id";
const REPOSITORY = "URL of a repository, or a path on the server's machine";

interface Json {
  json?: boolean;
}

/** Adds the commands about keys and secrets. */
export function addKeyCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  const keys = program
    .command("keys")
    .description("Show your keys for the model and the forges, by their last four characters")
    .option(...json)
    .action((options: Json) => within(options, (terminal) => listKeys(context, terminal)));

  keys
    .command("add")
    .description("Add a key, or replace it; it is read from standard input and tried before it is kept")
    .argument("<purpose>", "what it is for: model (a Claude key), github or gitlab", (given: string) => {
      const purpose = purposeOf(given);
      if (purpose !== null) return purpose;
      throw new InvalidArgumentError(
        "Say model for a key of Claude or another model, or github or gitlab for a token.",
      );
    })
    .option(
      "--url <url>",
      "address of the service, if it is not the usual one; of a model's, what comes before /v1",
    )
    .option("--bearer", "send a model key as Authorization: Bearer, not as x-api-key")
    .option("--unchecked", "keep it without trying it")
    .option(...json)
    .action((purpose: KeyPurpose, options: Json & { url?: string; unchecked?: boolean; bearer?: boolean }) =>
      within(options, (terminal) =>
        addKey(context, terminal, {
          ...options,
          purpose,
          unchecked: options.unchecked === true,
          bearer: options.bearer === true,
        }),
      ),
    );

  keys
    .command("check")
    .description("Try a key again")
    .argument("<key>", KEY)
    .option(...json)
    .action((key: string, options: Json) =>
      within(options, (terminal) => checkKey(context, terminal, { key })),
    );

  keys
    .command("remove")
    .description("Remove a key")
    .argument("<key>", KEY)
    .option(...json)
    .action((key: string, options: Json) =>
      within(options, (terminal) => removeKey(context, terminal, { key })),
    );

  const secrets = program
    .command("secrets")
    .description("Show the environment variables that your repositories' setup gets, without their values")
    .argument("[repository]", REPOSITORY)
    .option(...json)
    .action((repository: string | undefined, options: Json) =>
      within(options, (terminal) =>
        listSecrets(context, terminal, repository === undefined ? {} : { repository }),
      ),
    );

  secrets
    .command("set")
    .description("Set a variable; its value is read from standard input")
    .argument("<repository>", REPOSITORY)
    .argument("<name>", "name of the variable")
    .option(
      "--for-agent",
      "give it to the agent too: the agent and the model's provider will see it; at least 8 characters",
    )
    .option(...json)
    .action((repository: string, name: string, options: Json & { forAgent?: boolean }) =>
      within(options, (terminal) =>
        setSecret(context, terminal, { repository, name, forAgent: options.forAgent === true }),
      ),
    );

  secrets
    .command("remove")
    .description("Remove a variable")
    .argument("<repository>", REPOSITORY)
    .argument("<name>", "name of the variable")
    .option(...json)
    .action((repository: string, name: string, options: Json) =>
      within(options, (terminal) => removeSecret(context, terminal, { repository, name })),
    );

  program
    .command("rotate-master-key")
    .description("Seal all keys and secrets with a new master key; the server must be stopped")
    .option(...json)
    .action((options: Json) => within(options, (terminal) => rotateMasterKey(context, terminal)));
}
