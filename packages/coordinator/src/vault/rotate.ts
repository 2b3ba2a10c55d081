import { randomBytes } from "node:crypto";
import { failure } from "../domain/failure.ts";
import type { KeyStore, SealedText } from "../domain/key-store.ts";
import { keyBinding, secretBinding } from "./labels.ts";
import {
  MASTER_KEY_BYTES,
  masterKey,
  masterKeyFile,
  type NamedKey,
  namedKey,
  parseKey,
  writeKeys,
} from "./master-key.ts";
import { type Binding, SealError, seal, unseal } from "./seal.ts";

export interface Rotated {
  from: string;
  to: string;
  /** Keys and secrets that are sealed with the new key now. */
  resealed: number;
  /** Those that no key at hand opens; they are left as they were. */
  unreadable: number;
  source: "environment" | "file";
}

/**
 * Seals everything with a new master key. The caller holds the data folder's lock.
 *
 * It can be cut off at any moment without a loss: the file first holds the new key and the old one, then one transaction
 * seals everything anew, and only then the old key goes, after which it opens nothing here any more. A key of the
 * environment is no file of ours: there the new one is named by FARHAND_NEW_MASTER_KEY, and the one transaction is all.
 *
 * @throws FarhandError `invalid_request` where the environment names no usable new key
 */
export async function rotateMasterKey(options: {
  dataDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  store: KeyStore;
}): Promise<Rotated> {
  const { dataDirectory, environment, store } = options;
  const current = await masterKey(dataDirectory, environment);
  const next = nextKey(current.source, environment);
  if (next.id === current.id) throw needsNew("FARHAND_NEW_MASTER_KEY is the key in use.");
  const old = [current, ...current.previous];
  const path = masterKeyFile(dataDirectory);
  if (current.source === "file")
    await writeKeys(
      path,
      [next, ...old].map(({ bytes }) => bytes),
    );

  let unreadable = 0;
  const reseal = (binding: Binding, sealed: SealedText): SealedText => {
    try {
      return seal(next, binding, unseal([next, ...old], binding, sealed));
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unreadable++;
      return sealed;
    }
  };
  const all = await store.resealAll({
    key: (row) => reseal(keyBinding(row), row.sealed),
    secret: (row) => reseal(secretBinding(row), row.sealed),
    text: reseal,
  });

  if (current.source === "file") await writeKeys(path, [next.bytes]);
  return { from: current.id, to: next.id, resealed: all - unreadable, unreadable, source: current.source };
}

function nextKey(
  source: "environment" | "file",
  environment: Readonly<Record<string, string | undefined>>,
): NamedKey {
  const given = environment.FARHAND_NEW_MASTER_KEY;
  if (given) return namedKey(parseKey(given, "FARHAND_NEW_MASTER_KEY"));
  if (source === "file") return namedKey(randomBytes(MASTER_KEY_BYTES));
  throw needsNew("The master key is in FARHAND_MASTER_KEY, which this command cannot change.");
}

function needsNew(message: string) {
  return failure(
    "invalid_request",
    message,
    "Put a new one (`openssl rand -base64 32`) into FARHAND_NEW_MASTER_KEY, run this again, and then set FARHAND_MASTER_KEY to it.",
  );
}
