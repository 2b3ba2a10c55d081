import { NotificationKind } from "@farhand/protocol";
import { Argument, type Command } from "commander";
import type { CommandContext } from "./context.ts";
import { addNtfy, devices, removeDevice, setDevice, testDevice } from "./devices.ts";
import type { Within } from "./task/program.ts";

const DEVICE = "a device's id, or its last 4 characters or more";

/** Adds the commands about devices that get notifications. */
export function addDeviceCommands(
  program: Command,
  { context, within, json }: { context: CommandContext; within: Within; json: readonly [string, string] },
): void {
  const all = program
    .command("devices")
    .description("Show the devices that get notifications")
    .option(...json)
    .action((options: { json?: boolean }) => within(options, (terminal) => devices(context, terminal)));

  all
    .command("add-ntfy")
    .description("Send notifications to a topic of an ntfy server, and try it")
    .argument("<server>", "such as https://ntfy.sh; whoever runs it can read what is sent")
    .argument("<topic>", "whoever knows it can read along: choose one that nobody guesses")
    .option("--label <name>", "what to call it")
    .option("--token", "then give the server's access token: typed without being shown, or piped in")
    .option(...json)
    .action((server: string, topic: string, options: { json?: boolean; label?: string; token?: boolean }) =>
      within(options, (terminal) =>
        addNtfy(context, terminal, { ...options, server, topic, token: options.token === true }),
      ),
    );

  all
    .command("set")
    .description("Choose what a device is told")
    .argument("<device>", DEVICE)
    .addArgument(new Argument("[kinds...]", "none tells it nothing").choices(NotificationKind.options))
    .option(...json)
    .action((device: string, only: NotificationKind[], options: { json?: boolean }) =>
      within(options, (terminal) => setDevice(context, terminal, { device, only })),
    );

  all
    .command("test")
    .description("Send a notification to a device now")
    .argument("<device>", DEVICE)
    .option(...json)
    .action((device: string, options: { json?: boolean }) =>
      within(options, (terminal) => testDevice(context, terminal, { device })),
    );

  all
    .command("remove")
    .description("Send nothing more to a device")
    .argument("<device>", DEVICE)
    .option(...json)
    .action((device: string, options: { json?: boolean }) =>
      within(options, (terminal) => removeDevice(context, terminal, { device })),
    );
}
