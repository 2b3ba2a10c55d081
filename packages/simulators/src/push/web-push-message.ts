/**
 * Reading a Web Push message as a browser and its push service do, straight from the RFCs and with nothing of the
 * sender's library: 8188 (aes128gcm), 8291 (the keys of a subscription) and 8292 (VAPID).
 */
import { createDecipheriv, type ECDH, hkdfSync } from "node:crypto";

const SALT_BYTES = 16;
const PUBLIC_KEY_BYTES = 65;
const TAG_BYTES = 16;
const LAST_RECORD = 2;
/** RFC 8292, 2: no token may be good for longer. */
const LONGEST_TOKEN_SECONDS = 24 * 60 * 60;

/** Why a message is no message. */
export class Unacceptable extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The text of a message to a subscription, RFC 8291. @throws Unacceptable */
export function decrypt(body: Uint8Array, subscription: { keys: ECDH; auth: Buffer }): string {
  const bytes = Buffer.from(body);
  if (bytes.length < SALT_BYTES + 5) throw new Unacceptable(400, "there is no header of aes128gcm");
  const salt = bytes.subarray(0, SALT_BYTES);
  const recordSize = bytes.readUInt32BE(SALT_BYTES);
  const keyLength = bytes[SALT_BYTES + 4] ?? 0;
  const start = SALT_BYTES + 5 + keyLength;
  const sender = bytes.subarray(SALT_BYTES + 5, start);
  if (keyLength !== PUBLIC_KEY_BYTES || sender[0] !== 4)
    throw new Unacceptable(400, "the key id is no uncompressed point of P-256");
  const record = bytes.subarray(start);
  if (recordSize < 18 || record.length > recordSize || record.length <= TAG_BYTES)
    throw new Unacceptable(400, "a message is one record, RFC 8291 section 4");

  const shared = subscription.keys.computeSecret(sender);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), subscription.keys.getPublicKey(), sender]);
  const input = derive(shared, subscription.auth, info, 32);
  const key = derive(input, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derive(input, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(record.subarray(record.length - TAG_BYTES));
  let padded: Buffer;
  try {
    padded = Buffer.concat([
      decipher.update(record.subarray(0, record.length - TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    throw new Unacceptable(400, "the message is not for this subscription");
  }
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== LAST_RECORD) throw new Unacceptable(400, "the padding does not end the last record");
  return padded.subarray(0, end).toString("utf8");
}

const derive = (input: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", input, salt, info, length));

export interface VapidClaims {
  aud: string;
  exp: number;
  sub: string;
}

/**
 * Checks the `authorization` of RFC 8292 against the key that the subscription was made with.
 *
 * @throws Unacceptable 401 for none, 403 for one that is not good here
 */
export async function checkVapid(
  authorization: string | null,
  expected: { applicationServerKey: string; origin: string; nowMs: number },
): Promise<VapidClaims> {
  const [, scheme = "", rest = ""] = /^(\S+) (.*)$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() !== "vapid") throw new Unacceptable(401, "there is no VAPID authorization");
  const parts = new Map(
    rest.split(",").map((part): [string, string] => {
      const [name = "", ...value] = part.trim().split("=");
      return [name, value.join("=")];
    }),
  );
  const token = parts.get("t") ?? "";
  if (parts.get("k") !== expected.applicationServerKey)
    throw new Unacceptable(403, "the subscription was made with another key");
  const [head = "", payload = "", signature = "", more] = token.split(".");
  if (more !== undefined || signature === "") throw new Unacceptable(403, "the token is no JWT");
  const header = json(head);
  if (header.alg !== "ES256" || header.typ !== "JWT") throw new Unacceptable(403, "the token is not ES256");
  const key = await crypto.subtle.importKey(
    "raw",
    new Uint8Array(Buffer.from(expected.applicationServerKey, "base64url")),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["verify"],
  );
  const isSigned = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    key,
    new Uint8Array(Buffer.from(signature, "base64url")),
    new TextEncoder().encode(`${head}.${payload}`),
  );
  if (!isSigned) throw new Unacceptable(403, "the signature is not good");
  const { aud, exp, sub } = json(payload);
  if (aud !== expected.origin) throw new Unacceptable(403, `the token is for ${String(aud)}`);
  const nowSeconds = expected.nowMs / 1000;
  if (typeof exp !== "number" || exp <= nowSeconds || exp > nowSeconds + LONGEST_TOKEN_SECONDS)
    throw new Unacceptable(403, "the token has expired, or is good for longer than a day");
  if (typeof sub !== "string" || !/^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/.test(sub))
    throw new Unacceptable(403, "the token names nobody to write to");
  return { aud, exp, sub };
}

function json(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    throw new Unacceptable(403, "the token cannot be read");
  }
}
