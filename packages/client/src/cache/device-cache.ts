import type { LocalStore } from "../local/local-store.ts";

/** What was seen before, for a screen that opens without a connection. It may go at any time. */
export interface DeviceCache {
  /** Null where it is not, or no longer, there. Values are JSON. */
  get(key: string): Promise<unknown>;
  /** Keeps the value, and lets go of what was not used for longest where there is too much. */
  put(key: string, value: unknown): Promise<void>;
}

export interface CacheLimits {
  entries: number;
  /** Of all values as JSON. */
  characters: number;
}

const LIMITS: CacheLimits = { entries: 400, characters: 24_000_000 };

const VALUE = "cache/value/";
const INDEX = "cache/index";

interface Entry {
  key: string;
  characters: number;
}

/** Keeps values in the device's store, below keys of its own. Least used first in the index. */
export function createDeviceCache(
  local: LocalStore,
  options: { onError: (error: unknown) => void; limits?: CacheLimits },
): DeviceCache {
  const { onError, limits = LIMITS } = options;
  return {
    async get(key) {
      try {
        const value = await local.transaction("read", (tx) => tx.get(VALUE + safe(key)));
        return value === undefined ? null : value;
      } catch (error) {
        onError(error);
        return null;
      }
    },
    async put(key, value) {
      const characters = JSON.stringify(value).length;
      // One value alone is not to drive out all others.
      if (characters > limits.characters / 4) return;
      try {
        await local.transaction("write", async (tx) => {
          const before = ((await tx.get(INDEX)) as Entry[] | undefined) ?? [];
          const index = [...before.filter((it) => it.key !== key), { key, characters }];
          let total = index.reduce((sum, it) => sum + it.characters, 0);
          while (index.length > limits.entries || total > limits.characters) {
            const gone = index.shift();
            if (!gone) break;
            total -= gone.characters;
            await tx.delete(VALUE + safe(gone.key));
          }
          await tx.put(VALUE + safe(key), value);
          await tx.put(INDEX, index);
        });
      } catch (error) {
        // A full disk: the screen has its value all the same.
        onError(error);
      }
    },
  };
}

/** The store takes printable ASCII. */
const safe = (key: string): string => encodeURIComponent(key);
