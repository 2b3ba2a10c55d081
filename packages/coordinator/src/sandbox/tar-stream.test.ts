import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { readTar } from "./tar-stream.ts";

const LONG = `${"folder-".repeat(20)}/${"name-".repeat(30)}ä`;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-tar-"));
  await Bun.write(join(folder, "root", "etc", "one"), "first");
  await Bun.write(join(folder, "root", LONG), "x".repeat(100_000));
  await Bun.write(join(folder, "root", "z"), "last");
  await $`ln -s target-of-the-link ${join(folder, "root", "etc", "two")}`;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* inPieces(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

const pack = async (...form: string[]) =>
  new Uint8Array(await $`tar -c ${form} --sort=name -C ${join(folder, "root")} .`.arrayBuffer());

describe("an archive", () => {
  test.each([
    ["of pax headers", "--format=pax", 512],
    ["of pax headers, in odd pieces", "--format=pax", 777],
    ["of GNU headers", "--format=gnu", 10_000],
    ["of GNU headers, in one piece", "--format=gnu", 10_000_000],
  ])("%s gives names and contents", async (_name, form, sizeBytes) => {
    const seen = new Map<string, number>();
    let described = "";
    for await (const { name, description, content } of readTar(inPieces(await pack(form), sizeBytes))) {
      described += Buffer.concat(description).toString();
      let length = 0;
      // The rest of what is not read is passed over.
      if (name !== "z") for await (const piece of content) length += piece.length;
      seen.set(name, length);
    }
    expect([...seen].filter(([name]) => !name.endsWith("folder-"))).toEqual([
      ["", 0],
      ["etc", 0],
      ["etc/one", 5],
      ["etc/two", 0],
      [LONG, 100_000],
      ["z", 0],
    ]);
    expect(described).toContain("target-of-the-link");
  });

  test("that is cut off or damaged is refused", async () => {
    const whole = await pack("--format=pax");
    const read = async (bytes: Uint8Array) => {
      for await (const { content } of readTar(inPieces(bytes, 4096))) for await (const _ of content);
    };
    await read(whole);
    await expect(read(whole.subarray(0, 50_000))).rejects.toThrow("ends before its end");
    await expect(read(new Uint8Array(0))).rejects.toThrow("ends before its end");
    const damaged = whole.slice();
    damaged[3] = 120;
    await expect(read(damaged)).rejects.toThrow("checksum");
  });
});
