import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/** What better-auth works on: the same connection, under our own schema. */
export interface AuthDatabase {
  db: Kysely<Schema>;
  type: "sqlite";
}

export function authDatabase(database: Kysely<Schema>): AuthDatabase {
  return { db: database, type: "sqlite" };
}

/** Signing keys that nobody can open any more are of no use: the next token gets a new one. */
export async function forgetSigningKeys(database: Kysely<Schema>): Promise<void> {
  await database.deleteFrom("auth_jwks").execute();
}
