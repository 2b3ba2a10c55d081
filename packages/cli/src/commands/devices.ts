import { type DeviceInfo, type DeviceKinds, NotificationKind, RegisterDevice } from "@farhand/protocol";
import { exactLine } from "../terminal/exact-text.ts";
import { formatAge } from "../terminal/format.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checked } from "./checked.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { readSecret } from "./keys-input.ts";
import { needRunning } from "./running-coordinator.ts";
import { UsageError } from "./usage-error.ts";

/** Lists the devices that get notifications. @returns the exit code */
export async function devices(context: CommandContext, terminal: Terminal): Promise<number> {
  const { devices: found } = await (await needRunning(context)).devices();
  show(terminal, found);
  return ExitCode.ok;
}

/** Adds a topic of an ntfy server. @returns the exit code */
export async function addNtfy(
  context: CommandContext,
  terminal: Terminal,
  options: { server: string; topic: string; label?: string; token: boolean },
): Promise<number> {
  const accessToken = options.token
    ? await readSecret(context, terminal, "access token of that server")
    : null;
  const { server, topic, label = `ntfy ${topic}` } = options;
  const device = checked(
    RegisterDevice,
    { label, target: { channel: "ntfy", server, topic, accessToken } },
    "devices add-ntfy",
  );
  const client = await needRunning(context);
  const { id } = await client.registerDevice(device);
  const tested = await client.testDevice(id);
  const { screen, colors, json } = terminal;
  const said =
    tested.status === "sent"
      ? `${colors.green("✓")} Added, and a notification was sent to try it.`
      : `${colors.yellow("!")} Added, but a notification could not be sent: ${exactLine(tested.message)}`;
  screen.print([`${MARGIN}${said}`]);
  json?.({ result: "added", deviceId: id, test: tested });
  return tested.status === "sent" ? ExitCode.ok : ExitCode.failed;
}

/** Chooses what a device is told. @returns the exit code */
export async function setDevice(
  context: CommandContext,
  terminal: Terminal,
  options: { device: string; only: NotificationKind[] },
): Promise<number> {
  const client = await needRunning(context);
  const { id } = find((await client.devices()).devices, options.device);
  const kinds = Object.fromEntries(
    NotificationKind.options.map((kind) => [kind, options.only.includes(kind)]),
  ) as DeviceKinds;
  show(terminal, [await client.updateDevice(id, { kinds })]);
  return ExitCode.ok;
}

export async function testDevice(
  context: CommandContext,
  terminal: Terminal,
  options: { device: string },
): Promise<number> {
  const client = await needRunning(context);
  const { id } = find((await client.devices()).devices, options.device);
  const { status, message } = await client.testDevice(id);
  const { screen, colors, json } = terminal;
  const mark = status === "sent" ? colors.green("✓") : colors.red("✗");
  screen.print([`${MARGIN}${mark} ${exactLine(message)}`]);
  json?.({ result: status, deviceId: id, message });
  return status === "sent" ? ExitCode.ok : ExitCode.failed;
}

export async function removeDevice(
  context: CommandContext,
  terminal: Terminal,
  options: { device: string },
): Promise<number> {
  const client = await needRunning(context);
  const { id } = find((await client.devices()).devices, options.device);
  show(terminal, (await client.removeDevice(id)).devices);
  return ExitCode.ok;
}

/** By the id, or an ending of it that only one has. */
function find(all: DeviceInfo[], given: string): DeviceInfo {
  const [found, ...others] = all.filter(({ id }) => given.length >= 4 && id.endsWith(given));
  if (found && others.length === 0) return found;
  throw new UsageError(
    `${JSON.stringify(given)} names ${found ? "several devices" : "no device"}.`,
    "See the devices with: farhand devices",
  );
}

function show({ screen, colors, json }: Terminal, found: DeviceInfo[]): void {
  json?.({ devices: found });
  if (json) return;
  if (found.length === 0) {
    screen.print([
      `${MARGIN}No device gets notifications. Add one in the app, or with: farhand devices add-ntfy`,
    ]);
    return;
  }
  for (const { id, channel, label, host, kinds, lastSentAt, lastError } of found) {
    const on = NotificationKind.options.filter((kind) => kinds[kind]);
    const last = lastSentAt === null ? "never" : `${formatAge(Date.now() - Date.parse(lastSentAt))} ago`;
    screen.print([
      `${MARGIN}${colors.bold(exactLine(label))}  ${colors.dim(`${channel} at ${exactLine(host)} · ${id}`)}`,
      `${MARGIN}${MARGIN}${on.length > 0 ? on.join(", ") : "nothing"} · last sent ${last}`,
      ...(lastError === null ? [] : [`${MARGIN}${MARGIN}${colors.yellow(exactLine(lastError))}`]),
    ]);
  }
}
