import { expect, test } from "bun:test";
import { getMigrations } from "better-auth/db/migration";
import { authDatabase } from "../database/auth-database.ts";
import { openDatabase } from "../database/open.ts";
import { createLibrary } from "./library.ts";

test("the tables are those that the library, as it is set up, would make", async () => {
  const database = await openDatabase(":memory:");
  const library = createLibrary({
    database: authDatabase(database),
    secret: "x".repeat(43),
    baseUrl: "http://127.0.0.1:8787",
    providers: [],
    refreshRepeatSeconds: 0,
    devicePollSeconds: 5,
    newId: (prefix) => `${prefix}${crypto.randomUUID()}`,
    currentGrant: () => undefined,
    admit: async () => null,
    onProfile: () => undefined,
    onAccount: async () => undefined,
    onSession: async () => undefined,
    log: () => undefined,
  });
  await library.$context;
  const { toBeCreated, toBeAdded } = await getMigrations(library.options);
  expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
  await database.destroy();
});
