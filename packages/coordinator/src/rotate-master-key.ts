/**
 * Seals all keys and secrets of the data folder (FARHAND_DATA) with a new master key. Wiring only. Says on standard
 * output what became of it: one JSON line.
 */
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createAuditLog } from "./database/audit.ts";
import { createKeyStore } from "./database/keys.ts";
import { lockDataFolder } from "./database/lock.ts";
import { openDatabase } from "./database/open.ts";
import { FarhandError, failure } from "./domain/failure.ts";
import { rotateMasterKey } from "./vault/rotate.ts";

const announce = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const dataDirectory = resolve(process.env.FARHAND_DATA || "./data");
  const path = join(dataDirectory, "agent.db");
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere)
    throw failure(
      "not_found",
      `There is no data of Farhand in ${dataDirectory}.`,
      "Set FARHAND_DATA to the data folder of the coordinator.",
    );
  using _lock = lockDataFolder(join(dataDirectory, "coordinator.lock"), dataDirectory);
  const database = await openDatabase(path);
  try {
    const store = createKeyStore(database);
    const rotated = await rotateMasterKey({ dataDirectory, environment: process.env, store });
    const audit = createAuditLog(database, { now: () => new Date() }, (error) => {
      throw error;
    });
    // Whoever runs this is no user of the server, but somebody on its machine.
    await audit.record({
      userId: null,
      action: "master_key.rotated",
      subject: `${rotated.from} → ${rotated.to}`,
      address: null,
      detail: `${rotated.resealed} sealed anew, ${rotated.unreadable} unreadable, on the server's own machine`,
    });
    announce({ event: "rotated", ...rotated });
  } finally {
    await database.destroy();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof FarhandError)) throw error;
  const { code, message, action } = error.failure;
  announce({ event: "failed", code, message, action });
  // Not at once: what was said last may still wait in the pipe.
  process.exitCode = 1;
}
