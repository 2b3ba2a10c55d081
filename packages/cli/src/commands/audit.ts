import { open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Client } from "@farhand/client";
import type { AuditRecord } from "@farhand/protocol";
import type { Colors } from "picocolors/types";
import { exactLine } from "../terminal/exact-text.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { padEnd, widthOf } from "../terminal/wrap.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { needRunning } from "./running-coordinator.ts";
import { UsageError } from "./usage-error.ts";

/** The most that the API gives at once. */
const PAGE = 500;

/** Shows who did what from where, or writes all of it into a file as JSON Lines. @returns the exit code */
export async function audit(
  context: CommandContext,
  terminal: Terminal,
  options: { limit: number; exportTo: string | null },
): Promise<number> {
  const { screen, colors, json } = terminal;
  const client = await needRunning(context);
  if (options.exportTo !== null) {
    const file = resolve(context.cwd, options.exportTo);
    const count = await exportTo(file, client);
    screen.print([`${MARGIN}${count} ${count === 1 ? "entry" : "entries"} written to ${file}`]);
    json?.({ result: "exported", file, entries: count });
    return ExitCode.ok;
  }
  const found: AuditRecord[] = [];
  for await (const page of pages(client, options.limit)) found.push(...page);
  if (json) for (const entry of found) json(entry);
  else if (found.length === 0) screen.print([`${MARGIN}Nothing has been done yet.`]);
  else screen.print(auditTable(found, colors));
  return ExitCode.ok;
}

async function* pages(client: Client, most: number): AsyncGenerator<AuditRecord[], void, void> {
  let before: number | null = null;
  let left = most;
  do {
    const page = await client.audit({ limit: Math.min(PAGE, left), ...(before === null ? {} : { before }) });
    yield page.entries;
    left -= page.entries.length;
    before = page.nextBefore;
  } while (before !== null && left > 0);
}

/** Written aside and moved into its place, so that what is there is whole. Only this user may read it. */
async function exportTo(file: string, client: Client): Promise<number> {
  const unfinished = `${file}.${process.pid}.part`;
  const target = await open(unfinished, "wx", 0o600).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${file} cannot be written: ${reason}`,
      "Name a file in a folder that you can write to.",
    );
  });
  let count = 0;
  try {
    for await (const page of pages(client, Number.MAX_SAFE_INTEGER)) {
      await target.writeFile(page.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      count += page.length;
    }
    await target.sync();
    await rename(unfinished, file);
    return count;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}

/** Newest first. What strangers may have written in it cannot steer the terminal. */
export function auditTable(entries: readonly AuditRecord[], colors: Colors): string[] {
  const logins = new Map(entries.map(({ userId, login }) => [userId, login]));
  const rows = entries.map((entry) => [
    entry.at.replace("T", " ").slice(0, 19),
    entry.login ?? entry.userId ?? "—",
    entry.action,
    entry.address ?? "—",
    // Ids of people say nothing to a reader: they are shown by the names that the page knows.
    [logins.get(entry.subject) ?? entry.subject, entry.detail].filter((text) => text !== "").join("  "),
  ]);
  const cells = rows.map((row) => row.map(exactLine));
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ""))));
  return cells.map(([at = "", user = "", action = "", address = "", what = ""]) => {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = widths;
    return `${MARGIN}${colors.dim(padEnd(at, w0))}  ${padEnd(user, w1)}  ${colors.cyan(padEnd(action, w2))}  ${colors.dim(padEnd(address, w3))}  ${what}`;
  });
}
