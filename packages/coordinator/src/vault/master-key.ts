import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failure } from "../domain/failure.ts";

export const MASTER_KEY_BYTES = 32;

/** A key and the name under which what it sealed refers to it. The name tells nothing of the key. */
export interface NamedKey {
  id: string;
  bytes: Uint8Array;
}

export interface MasterKey extends NamedKey {
  source: "environment" | "file";
  /** Keys that still open what they sealed: there are some only while a rotation is under way, or was cut off. */
  previous: NamedKey[];
}

type Environment = Readonly<Record<string, string | undefined>>;

export const masterKeyFile = (dataDirectory: string): string => join(dataDirectory, "master.key");

/**
 * The key that everything secret in the database is sealed with: FARHAND_MASTER_KEY (32 bytes, in base64 or hex), else
 * that of `master.key` in the data folder, which is made at the first start with the mode 0600.
 *
 * @throws FarhandError `invalid_request` for a value that is no such key; it is not repeated
 */
export async function masterKey(dataDirectory: string, environment: Environment): Promise<MasterKey> {
  const given = environment.FARHAND_MASTER_KEY;
  if (given)
    return { ...namedKey(parseKey(given, "FARHAND_MASTER_KEY")), source: "environment", previous: [] };
  const path = masterKeyFile(dataDirectory);
  const kept = await readKeys(path);
  const [first, ...previous] = kept ?? [randomBytes(MASTER_KEY_BYTES)];
  if (first === undefined) throw notAKey(path);
  if (kept === null) await writeKeys(path, [first]);
  return { ...namedKey(first), source: "file", previous: previous.map(namedKey) };
}

/** A key of its own for one use, which follows from the master key and tells nothing of it. */
export function deriveKey(master: NamedKey, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", master.bytes, "", `farhand ${purpose}`, 32));
}

export function namedKey(bytes: Uint8Array): NamedKey {
  const id = createHmac("sha256", bytes).update("farhand master key id").digest("hex").slice(0, 16);
  return { id, bytes };
}

/** @param name what to call the place in the complaint; the value itself is never repeated */
export function parseKey(text: string, name: string): Uint8Array {
  const trimmed = text.trim();
  const isHex = /^[0-9a-f]{64}$/i.test(trimmed);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed);
  if (!isHex && !isBase64) throw notAKey(name);
  return new Uint8Array(Buffer.from(trimmed, isHex ? "hex" : "base64"));
}

/** The keys of the file, the one in use first; null where there is no file. */
async function readKeys(path: string): Promise<Uint8Array[] | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw notAKey(path);
  return lines.map((line) => parseKey(line, path));
}

/** Replaces the file in one step, and returns when the disk has it for good. */
export async function writeKeys(path: string, keys: Uint8Array[]): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(keys.map((key) => `${Buffer.from(key).toString("base64")}\n`).join(""));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function notAKey(name: string) {
  return failure(
    "invalid_request",
    `${name} does not hold a master key: 32 bytes, in base64 or hex.`,
    "Make one with `openssl rand -base64 32`, or take the variable away to let the server keep one in its data folder.",
  );
}
