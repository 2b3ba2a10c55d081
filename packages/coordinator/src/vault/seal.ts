import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { NamedKey } from "./master-key.ts";

/** A secret as it is stored. */
export interface Sealed {
  /** The key that opens it. */
  keyId: string;
  /** In base64: a byte for the form, the nonce, the text in cipher, the tag. */
  box: string;
}

/** What a sealed secret belongs to. It opens for nothing else, wherever its row is copied to. */
export interface Binding {
  userId: string;
  purpose: string;
  /** Which of the user's secrets of that purpose: a host, or a repository and a name. */
  subject: string;
}

const CIPHER = "aes-256-gcm";
const FORM = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The secret cannot be opened: sealed with another key, for something else, or changed since. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** AES-256-GCM under a fresh random nonce, bound to what it belongs to. */
export function seal(key: NamedKey, binding: Binding, secret: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(key.id, binding));
  const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  const box = Buffer.concat([Buffer.from([FORM]), nonce, text, cipher.getAuthTag()]);
  return { keyId: key.id, box: box.toString("base64") };
}

/**
 * @param keys those that may open it
 * @throws SealError
 */
export function unseal(keys: readonly NamedKey[], binding: Binding, sealed: Sealed): string {
  const key = keys.find(({ id }) => id === sealed.keyId);
  if (key === undefined) throw new SealError(`it was sealed with another master key (${sealed.keyId})`);
  const box = Buffer.from(sealed.box, "base64");
  if (box.length < 1 + NONCE_BYTES + TAG_BYTES || box[0] !== FORM)
    throw new SealError("it is not in the form of a sealed secret");
  const nonce = box.subarray(1, 1 + NONCE_BYTES);
  const tag = box.subarray(box.length - TAG_BYTES);
  const text = box.subarray(1 + NONCE_BYTES, box.length - TAG_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(key.id, binding));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
  } catch (error) {
    throw new SealError("it was changed, or belongs to something else", { cause: error });
  }
}

/** As JSON, in which no part can run into the next. */
function associated(keyId: string, { userId, purpose, subject }: Binding): Buffer {
  return Buffer.from(JSON.stringify(["farhand", FORM, keyId, userId, purpose, subject]));
}
