import { basename, resolve } from "node:path";
import type { Client } from "@farhand/client";
import { ATTACHMENT_MAX_BYTES, AttachmentName } from "@farhand/protocol";
import { UsageError } from "./usage-error.ts";

/** The option's flags and what it is for. */
export const ATTACH = [
  "--attach <file>",
  "a photo or file for the agent to see; may be given several times",
] as const;

/** Of commander: each `--attach` adds one. */
export const oneMore = (path: string, before: string[]): string[] => [...before, path];

/** Uploads files for a task or message to name. @returns their ids */
export async function attachFiles(
  client: Pick<Client, "putAttachment">,
  paths: readonly string[],
  cwd: string,
): Promise<string[]> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const file = Bun.file(resolve(cwd, path));
      if (!(await file.exists()))
        throw new UsageError(`There is no file ${path}.`, "Check the path of --attach.");
      if (file.size > ATTACHMENT_MAX_BYTES)
        throw new UsageError(
          `${path} is larger than ${ATTACHMENT_MAX_BYTES / 1024 ** 2} MiB.`,
          "Attach less, or put it into the repository.",
        );
      const name = AttachmentName.safeParse(basename(path));
      if (!name.success)
        throw new UsageError(`${path}: ${name.error.issues[0]?.message}.`, "Rename the file.");
      const mediaType = file.type.split(";")[0] ?? "application/octet-stream";
      return { id: crypto.randomUUID(), name: name.data, mediaType, bytes: await file.bytes() };
    }),
  );
  for (const { bytes, ...attachment } of files) await client.putAttachment(attachment, bytes);
  return files.map(({ id }) => id);
}

/** What names them in a command: nothing where there are none. */
export const named = (attachments: string[]): { attachments?: string[] } =>
  attachments.length > 0 ? { attachments } : {};
