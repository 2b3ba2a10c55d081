import type { KeyInfo, KeyPurpose, PutKey, PutSecret, SecretInfo, ServerKey } from "@farhand/protocol";
import type { TextPlace } from "./key-store.ts";

export interface ModelTarget {
  baseUrl: string;
  apiKey: string;
  /** The key goes as `Authorization: Bearer`, not as `x-api-key`. */
  isBearer: boolean;
  /** The IP address to connect to in place of asking for the host's again; null where any will do. */
  address: string | null;
}

export interface ForgeKey {
  purpose: Exclude<KeyPurpose, "model">;
  baseUrl: string;
  token: string;
}

/** A forge that a user has a key for, and how to ask its API. */
export interface ForgeAccess extends ForgeKey {
  /** Of the key, not of what it says; the server's own has a name of its own. */
  keyId: string;
  apiUrl: string;
  /** The user may name that address without anybody looking where it leads. */
  isTrusted: boolean;
}

/**
 * Keys in the clear, opened when they are asked for: by the gateway for each model call, by the forges for fetching and
 * publishing, and secrets for the setup phase and the agents that are to have them. `vault/` implements it.
 */
export interface Vault {
  /**
   * Where the user's model calls go, and with which key; null when the user has set none and the server has none for
   * them. Throws `model_key_missing` for one that cannot be opened, and `address_refused`.
   */
  modelUpstream(userId: string): Promise<ModelTarget | null>;
  /** The user's key for a forge, by its host such as `github.com`; the server's own where that is the owner's to use. */
  forgeKey(userId: string, host: string): Promise<ForgeKey | null>;
  /** All of the user's, with the server's own where that is theirs to use. Those that cannot be opened are left out. */
  forges(userId: string): Promise<ForgeAccess[]>;
  /** The token alone. */
  forgeToken(userId: string, host: string): Promise<string | null>;
  /** Environment variables of the user's for one repository, and whether the agent may see them too. */
  repositorySecrets(
    userId: string,
    repository: string,
  ): Promise<{ name: string; value: string; isForAgent: boolean }[]>;
  /** Whether anybody here can call a model at all. */
  hasModelKey(): Promise<boolean>;
  /**
   * Makes the secrets of a user's repository known, so that they are cut out of what its tasks say: an agent may have
   * been given them by an earlier process of this server. Does so once.
   */
  learn(userId: string, repository: string): Promise<void>;
}

/**
 * What people may do with their own keys and secrets: they go in and never come out. Listing opens none; trying a kept key
 * again opens that one, to send it to its service. `vault/` implements it.
 */
export interface KeyKeeper {
  list(userId: string): Promise<KeyInfo[]>;
  /** The server's own that the user's tasks use for want of one of the user's: none for anybody but the owner. */
  serverKeys(userId: string): Promise<ServerKey[]>;
  /**
   * Throws `key_refused` and `key_unreachable` unless `isUnchecked`, and `address_refused` for a user who may not name
   * an address of the server's own networks. Nothing is kept then.
   */
  put(userId: string, key: PutKey, isUnchecked: boolean): Promise<{ key: KeyInfo; isNew: boolean }>;
  /** Tries a kept key again. Throws `not_found`. */
  check(userId: string, id: string): Promise<KeyInfo>;
  /** Throws `not_found`. */
  remove(userId: string, id: string): Promise<KeyInfo>;
  /** Of one repository, or of all. */
  secrets(userId: string, repository: string | null): Promise<SecretInfo[]>;
  putSecret(userId: string, secret: PutSecret): Promise<SecretInfo>;
  /** Throws `not_found`. */
  removeSecret(userId: string, repository: string, name: string): Promise<void>;
}

/** Sealed texts in the clear. `vault/` implements it. */
export interface Safe {
  /**
   * Null where there is none, or none that the master key at hand opens. What `secretsOf` finds in it is cut out of
   * what is written from then on: of its user's tasks, or of everything where it is the server's own.
   */
  open(place: TextPlace, secretsOf: (text: string) => readonly string[]): Promise<string | null>;
  put(place: TextPlace, text: string): Promise<void>;
  remove(place: TextPlace): Promise<void>;
}

/** Requests to addresses that users have named. `vault/` implements it. */
export interface Outgoing {
  /** Throws `address_refused` for an address that this user may not name, `key_unreachable` for a name nobody knows. */
  demandAllowed(userId: string, url: string): Promise<void>;
  /** Follows no redirect. Throws the same, and whatever `fetch` does. */
  fetch(userId: string, url: string, init: RequestInit): Promise<Response>;
}
