import type { AuditLog } from "../domain/audit.ts";
import { placeOf } from "../domain/place.ts";
import type { Clock } from "../domain/ports.ts";

export interface FailedSignIns {
  /**
   * Notes one that was refused.
   *
   * @param what what was shown, such as `access token`; never the thing itself
   */
  note(what: string, address: string | null): Promise<void>;
  /** Records what was only counted so far of windows that are over; of all with `everything`. */
  flush(everything?: boolean): Promise<void>;
}

const WINDOW_MS = 60_000;
/** Addresses that have an entry of their own at the same time. All others share one. */
const MAX_ADDRESSES = 100;
const OTHERS = "";

/**
 * Puts refused sign-ins into the audit log, which can only be added to and must not be filled by strangers: an address
 * gets one entry a minute. The first is recorded at once; what follows within the minute is counted, and its number
 * recorded when the minute is over.
 */
export function createFailedSignIns({ audit, clock }: { audit: AuditLog; clock: Clock }): FailedSignIns {
  interface Window {
    untilMs: number;
    address: string | null;
    /** How often what was shown since the window began. */
    counts: Map<string, number>;
  }
  const windows = new Map<string, Window>();

  const record = (address: string | null, counts: ReadonlyMap<string, number>, isShared: boolean) =>
    audit.record({
      userId: null,
      action: "sign_in.failed",
      subject: [...counts.keys()].sort().join(", "),
      address,
      detail: [
        `${[...counts.values()].reduce((sum, count) => sum + count, 0)} refused`,
        ...(isShared ? ["from many addresses"] : []),
      ].join(", "),
    });

  /** A window in which something was counted is followed by another, so that no address gets two entries a minute. */
  async function close(key: string, window: Window, nowMs: number, isLast: boolean): Promise<void> {
    const { counts } = window;
    if (counts.size === 0 || isLast) windows.delete(key);
    else windows.set(key, { ...window, untilMs: nowMs + WINDOW_MS, counts: new Map() });
    if (counts.size > 0) await record(window.address, counts, key === OTHERS);
  }

  async function flush(everything = false): Promise<void> {
    const nowMs = clock.now().getTime();
    for (const [key, window] of [...windows])
      if (everything || window.untilMs <= nowMs) await close(key, window, nowMs, everything);
  }

  return {
    flush,
    async note(what, address) {
      await flush();
      const own = placeOf(address);
      const key = windows.has(own) || windows.size < MAX_ADDRESSES ? own : OTHERS;
      const open = windows.get(key);
      if (open) {
        open.counts.set(what, (open.counts.get(what) ?? 0) + 1);
        return;
      }
      const isShared = key === OTHERS;
      const window = {
        untilMs: clock.now().getTime() + WINDOW_MS,
        address: isShared ? null : address,
        counts: new Map<string, number>(),
      };
      windows.set(key, window);
      await record(window.address, new Map([[what, 1]]), isShared);
    },
  };
}
