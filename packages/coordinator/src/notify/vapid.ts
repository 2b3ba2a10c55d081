import webPush from "web-push";
import { z } from "zod";
import type { Safe } from "../domain/vault.ts";

const Keys = z.strictObject({ publicKey: z.string(), privateKey: z.string() });
export type VapidKeys = z.infer<typeof Keys>;

/** The server's own keys for Web Push, RFC 8292. Browsers subscribe with the public one. */
export interface Vapid {
  /** Made when they are first asked for, and again where the master key that opens them is gone. */
  keys(): Promise<VapidKeys>;
}

const PLACE = { userId: "", purpose: "vapid", subject: "web push" };

export function createVapid(safe: Safe): Vapid {
  let keys: Promise<VapidKeys> | null = null;
  const read = async (): Promise<VapidKeys> => {
    const kept = await safe.open(PLACE, (text) => [Keys.parse(JSON.parse(text)).privateKey]);
    if (kept !== null) return Keys.parse(JSON.parse(kept));
    await safe.put(PLACE, JSON.stringify(webPush.generateVAPIDKeys()));
    // Read back, so that they are known as a secret and what is used is what is kept.
    const made = await safe.open(PLACE, (text) => [Keys.parse(JSON.parse(text)).privateKey]);
    return Keys.parse(JSON.parse(made ?? ""));
  };
  return {
    keys() {
      keys ??= read().catch((error) => {
        keys = null;
        throw error;
      });
      return keys;
    },
  };
}
