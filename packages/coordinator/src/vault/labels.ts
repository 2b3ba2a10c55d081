import type { KeyRow, SecretRow } from "../domain/key-store.ts";
import type { Binding } from "./seal.ts";

/** What a key is bound to: it opens for no other user, purpose or address than those it was entered for. */
export const keyBinding = ({
  userId,
  purpose,
  baseUrl,
}: Pick<KeyRow, "userId" | "purpose" | "baseUrl">): Binding => ({
  userId,
  purpose,
  subject: baseUrl,
});

/** Bound to who may see it as well, so that nobody switches that on in the database alone. */
export const secretBinding = ({
  userId,
  repository,
  name,
  isForAgent,
}: Pick<SecretRow, "userId" | "repository" | "name" | "isForAgent">): Binding => ({
  userId,
  purpose: isForAgent ? "repository-agent" : "repository-setup",
  subject: JSON.stringify([repository, name]),
});

/** Below this length four characters would tell too much of the whole. */
const LONG_ENOUGH = 16;

export const lastFourOf = (secret: string): string => (secret.length < LONG_ENOUGH ? "" : secret.slice(-4));
