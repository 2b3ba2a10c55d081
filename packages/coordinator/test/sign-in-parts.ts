import type { Kysely } from "kysely";
import { ulid } from "ulid";
import { createSignIn, type SignInOptions } from "../src/auth/sign-in.ts";
import type { Schema } from "../src/database/schema.ts";
import { createSignInStores } from "../src/database/sign-in-stores.ts";
import type { AuditLog } from "../src/domain/audit.ts";
import type { Clock } from "../src/domain/ports.ts";
import type { UserStore } from "../src/domain/store.ts";

export const NO_PROVIDERS: SignInOptions["providers"] = { github: null, gitlab: null, oidc: null };

/** Signing in over a real database. Of the library nothing is made before it is used. */
export function signInParts(
  base: { database: Kysely<Schema>; users: UserStore; audit: AuditLog; clock: Clock },
  options: Partial<SignInOptions> = {},
) {
  const { database, clock } = base;
  const stores = createSignInStores(database, clock);
  const signing = createSignIn({
    ...base,
    ...stores,
    providers: NO_PROVIDERS,
    secret: new Uint8Array(32).fill(7),
    url: () => "http://127.0.0.1:8787",
    newId: (prefix) => `${prefix}${ulid().toLowerCase()}`,
    log: () => undefined,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  const { signIn, authenticator } = signing;
  return {
    ...stores,
    signIn,
    realAuthenticator: authenticator,
    /** To be called before the database is closed: what is noted now and then would come too late for it. */
    endSignIn: () => signing[Symbol.asyncDispose](),
  };
}
