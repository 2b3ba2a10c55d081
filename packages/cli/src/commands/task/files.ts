import { type FileNode, Revision, type TreeEntry } from "@farhand/protocol";
import type { Colors } from "picocolors/types";
import { exactLine, exactText } from "../../terminal/exact-text.ts";
import { formatBytes } from "../../terminal/format.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { checked } from "../checked.ts";
import type { ByteStream, CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";
import { findTask } from "./task-argument.ts";

/**
 * Shows a folder or a file of a task, as it is at one of its states. Where no terminal reads it, a file comes byte for
 * byte. @returns the exit code
 */
export async function files(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; path?: string; at?: string },
): Promise<number> {
  const place = {
    ...(options.path === undefined ? {} : { path: plainPath(options.path) }),
    ...(options.at === undefined ? {} : { at: checked(Revision, options.at, "files") }),
  };
  const client = await needRunning(context);
  const task = await findTask(client, options.task);
  const node = await client.files(task.id, place);
  const { screen, colors, json } = terminal;
  if (json) json(node);
  else if (node.kind === "file" && context.stdout.isTTY !== true) {
    const { body } = await client.rawFile(task.id, { path: node.path, at: node.commit });
    if (body) await writeAll(body, context.stdout);
  } else screen.print(nodeLines(node, colors));
  return ExitCode.ok;
}

/** Waits for the reader, so that a large file is never in memory as a whole. Ends early when the reader is gone. */
async function writeAll(body: ReadableStream<Uint8Array>, stream: ByteStream): Promise<void> {
  let isGone = false;
  const leave = () => {
    isGone = true;
  };
  stream.once("close", leave);
  stream.once("error", leave);
  for await (const chunk of body) {
    if (!stream.write(chunk) && !isGone) await oneOf(stream, ["drain", "close", "error"]);
    if (isGone) break;
  }
  stream.off("close", leave);
  stream.off("error", leave);
}

function oneOf(stream: ByteStream, events: readonly ("drain" | "close" | "error")[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      for (const event of events) stream.off(event, end);
      resolve();
    };
    for (const event of events) stream.once(event, end);
  });
}

/** As people type it: `./src/` is `src`. */
const plainPath = (path: string) =>
  path
    .replace(/^(\.?\/)+/, "")
    .replace(/^\.$/, "")
    .replace(/\/+$/, "");

/** A file of the task is shown as text that can do a terminal no harm; a link is named and not followed. */
export function nodeLines(node: FileNode, colors: Colors): string[] {
  switch (node.kind) {
    case "folder":
      return [
        ...node.entries.map((entry) => entryLine(entry, colors)),
        ...(node.entries.length === 0 ? ["  This folder is empty."] : []),
        ...(node.truncated ? [`  ${colors.dim("… and more")}`] : []),
      ];
    case "file":
      if (node.text === null) return [`  This file is binary (${formatBytes(node.sizeBytes)}).`];
      return [
        ...exactText(node.text).replace(/\n$/, "").split("\n"),
        ...(node.truncated ? [colors.dim(`… the file goes on (${formatBytes(node.sizeBytes)} in all)`)] : []),
      ];
    case "symlink":
      return [`  ${exactLine(node.path)} → ${exactLine(node.target)}`];
    case "submodule":
      return [`  ${exactLine(node.path)} is a submodule at ${node.submodule}`];
  }
}

const SIZE_WIDTH = 9;

function entryLine(entry: TreeEntry, colors: Colors): string {
  const size = (entry.sizeBytes === null ? "" : formatBytes(entry.sizeBytes)).padStart(SIZE_WIDTH);
  const name = exactLine(entry.name);
  const shown = {
    folder: () => colors.cyan(`${name}/`),
    submodule: () => `${name} ${colors.dim("(submodule)")}`,
    symlink: () => `${name} ${colors.dim("(link)")}`,
    file: () => (entry.isExecutable ? colors.green(`${name}*`) : name),
  }[entry.kind]();
  return `  ${colors.dim(size)}  ${shown}`;
}
