import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attachment } from "@farhand/protocol";
import { attachFiles } from "./attach-files.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-attach-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

function server() {
  const put: [Omit<Attachment, "sizeBytes">, string][] = [];
  return {
    put,
    async putAttachment(attachment: Omit<Attachment, "sizeBytes">, bytes: Uint8Array) {
      put.push([attachment, new TextDecoder().decode(bytes)]);
      return { ...attachment, sizeBytes: bytes.length };
    },
  };
}

test("uploads each file under its own name and kind, and names them in their order", async () => {
  await Bun.write(join(folder, "notes.txt"), "one");
  await Bun.write(join(folder, "a/shot.png"), "two");
  const client = server();
  const ids = await attachFiles(client, ["notes.txt", join(folder, "a/shot.png")], folder);
  expect(client.put).toEqual([
    [{ id: ids[0] ?? "", name: "notes.txt", mediaType: "text/plain" }, "one"],
    [{ id: ids[1] ?? "", name: "shot.png", mediaType: "image/png" }, "two"],
  ]);
});

test("uploads nothing where one of them cannot be", async () => {
  const client = server();
  await expect(attachFiles(client, ["notes.txt", "gone.txt"], folder)).rejects.toThrow(
    "There is no file gone.txt.",
  );
  expect(client.put).toEqual([]);
});
