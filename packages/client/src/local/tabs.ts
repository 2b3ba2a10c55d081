import { randomId } from "../random-id.ts";
import { leased } from "./lease.ts";
import type { LocalStore } from "./local-store.ts";

/** What several tabs of one browser share a device's store by. */
export interface Tabs {
  /** Does the work while no other tab does any under that name. Those who come later wait. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Tells the other tabs that what the store holds under a topic has changed. */
  announce(topic: string): void;
  /** Hears what other tabs announce. @returns ends it */
  listen(listener: (topic: string) => void): () => void;
  close(): void;
}

/** For an app that is alone with its store, as on a phone. */
export function oneTab(): Tabs {
  const last = new Map<string, Promise<unknown>>();
  return {
    exclusively(name, work) {
      const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
      last.set(name, mine);
      return mine;
    },
    announce: () => undefined,
    listen: () => () => undefined,
    close: () => undefined,
  };
}

/** The part of `navigator.locks` that is used. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** The part of a BroadcastChannel that is used. */
interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  removeEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  close(): void;
}

/**
 * For browsers: Web Locks, which are released however a tab ends, and a BroadcastChannel. Web Locks need a secure page
 * (https, or this machine); elsewhere the tabs take turns by a lease in the store that they share. Null where tabs cannot
 * hear each other.
 */
export function browserTabs(name: string, local: LocalStore): Tabs | null {
  const { navigator, BroadcastChannel } = globalThis as unknown as {
    navigator?: { locks?: Locks };
    BroadcastChannel?: new (name: string) => Channel;
  };
  if (!BroadcastChannel) return null;
  const locks = navigator?.locks;
  const channel = new BroadcastChannel(name);
  const alone = oneTab();
  const owner = randomId();
  return {
    exclusively: (lock, work) =>
      locks
        ? locks.request(`${name}/${lock}`, work)
        : alone.exclusively(lock, () => leased({ local, owner }, lock, work)),
    announce: (topic) => channel.postMessage(topic),
    listen(listener) {
      const hear = ({ data }: { data: unknown }) => listener(String(data));
      channel.addEventListener("message", hear);
      return () => channel.removeEventListener("message", hear);
    },
    close: () => channel.close(),
  };
}
