/** Where sealed keys and secrets lie. `database/` implements it, and `vault/` alone opens what is in there. */
import type { KeyCheck, KeyPurpose } from "@farhand/protocol";

export interface SealedText {
  /** The master key that opens it. */
  keyId: string;
  box: string;
}

/** What a sealed text belongs to; for `userId` "" it is the server's own. */
export interface TextPlace {
  userId: string;
  purpose: string;
  subject: string;
}

/** Sealed texts that are no user's key: what the server signs with, and where devices are reached. */
export interface SealedTextStore {
  get(place: TextPlace): Promise<SealedText | null>;
  put(place: TextPlace, sealed: SealedText): Promise<void>;
  remove(place: TextPlace): Promise<void>;
}

export interface KeyRow {
  id: string;
  userId: string;
  purpose: KeyPurpose;
  /** A user has one key for each purpose and slot: the host of a forge, and always the same for models. */
  slot: string;
  baseUrl: string;
  sealed: SealedText;
  lastFour: string;
  addedAt: string;
  check: KeyCheck;
  checkedAt: string | null;
  checkMessage: string;
  /** A model key that goes as `Authorization: Bearer`, not as `x-api-key`. */
  isBearer: boolean;
}

export interface SecretRow {
  userId: string;
  repository: string;
  name: string;
  sealed: SealedText;
  isForAgent: boolean;
  lastFour: string;
  addedAt: string;
}

export interface KeyStore {
  keys(userId: string): Promise<KeyRow[]>;
  key(userId: string, purpose: KeyPurpose, slot: string): Promise<KeyRow | null>;
  /** Whether any user has a key for that. */
  hasKey(purpose: KeyPurpose): Promise<boolean>;
  /** Takes the place of the user's key with the same purpose and slot. */
  putKey(row: KeyRow): Promise<void>;
  setCheck(id: string, check: Pick<KeyRow, "check" | "checkedAt" | "checkMessage">): Promise<void>;
  /** False where the user has no such key. */
  removeKey(userId: string, id: string): Promise<boolean>;
  /** Of one repository, or of all. */
  secrets(userId: string, repository: string | null): Promise<SecretRow[]>;
  putSecret(row: SecretRow): Promise<void>;
  removeSecret(userId: string, repository: string, name: string): Promise<boolean>;
  /** Replaces what seals every key, secret and text, in one transaction. What `reseal` throws comes out, and nothing is changed. */
  resealAll(reseal: {
    key(row: KeyRow): SealedText;
    secret(row: SecretRow): SealedText;
    text(place: TextPlace, sealed: SealedText): SealedText;
  }): Promise<number>;
}
