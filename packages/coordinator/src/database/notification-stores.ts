import type { Kysely } from "kysely";
import { createDeliveryQueue } from "./deliveries.ts";
import { createDeviceStore } from "./devices.ts";
import type { Schema } from "./schema.ts";

/** What telling people on their devices needs of the database. */
export const createNotificationStores = (database: Kysely<Schema>) => ({
  queue: createDeliveryQueue(database),
  devices: createDeviceStore(database),
});
