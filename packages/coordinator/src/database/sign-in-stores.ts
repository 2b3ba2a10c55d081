import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import { createAccountStore } from "./accounts.ts";
import { authDatabase, forgetSigningKeys } from "./auth-database.ts";
import { createMemberStore } from "./members.ts";
import type { Schema } from "./schema.ts";
import { createSessionStore } from "./sessions.ts";
import { createInviteStore, createLinkStore } from "./sign-in-links.ts";

/** Everything about signing in that is in the database. */
export function createSignInStores(database: Kysely<Schema>, clock: Clock) {
  return {
    members: createMemberStore(database, clock),
    accounts: createAccountStore(database),
    sessions: createSessionStore(database, clock),
    links: createLinkStore(database, clock),
    invites: createInviteStore(database, clock),
    /** What better-auth works on. */
    authDatabase: authDatabase(database),
    forgetSigningKeys: () => forgetSigningKeys(database),
  };
}
