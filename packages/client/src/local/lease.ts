import type { LocalStore } from "./local-store.ts";

/** A tab that was closed in the middle holds others up for so long, and no longer. */
const LEASE_MS = 10_000;
const LOOK_AGAIN_MS = 500;
const PREFIX = "lease/";

interface Lease {
  owner: string;
  untilMs: number;
}

export interface LeaseOptions {
  local: LocalStore;
  /** A name for this tab that no other has. */
  owner: string;
  now?: () => number;
  leaseMs?: number;
  lookAgainMs?: number;
}

/**
 * Does the work while nobody else who shares the store does any under that name. A browser may keep a hidden tab from
 * renewing its lease in time: then two do work at once, so it has to be work that may be done twice, such as what the
 * server does once for each key.
 */
export async function leased<T>(options: LeaseOptions, name: string, work: () => Promise<T>): Promise<T> {
  const { local, owner, now = Date.now, leaseMs = LEASE_MS, lookAgainMs = LOOK_AGAIN_MS } = options;
  const key = PREFIX + name;
  const take = () =>
    local.transaction("write", async (tx) => {
      const held = (await tx.get(key)) as Lease | undefined;
      // A clock that was set back must not hold everybody up.
      const isHeld = held && held.owner !== owner && held.untilMs > now() && held.untilMs <= now() + leaseMs;
      if (isHeld) return false;
      await tx.put(key, { owner, untilMs: now() + leaseMs } satisfies Lease);
      return true;
    });
  while (!(await take())) await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  const renewing = setInterval(() => void take().catch(() => undefined), leaseMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await local
      .transaction("write", async (tx) => {
        if (((await tx.get(key)) as Lease | undefined)?.owner === owner) await tx.delete(key);
      })
      // A store that is closed by now: the lease runs out by itself.
      .catch(() => undefined);
  }
}
