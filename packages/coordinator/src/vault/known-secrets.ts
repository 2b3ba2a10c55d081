import type { Clock } from "../domain/ports.ts";

/**
 * How long a value that was replaced or removed is still cut out: a sandbox that was given it before may go on showing
 * it, and a turn may wait for a person for days.
 */
const RETIRED_MS = 7 * 24 * 60 * 60_000;
/** Of one user; the oldest give way. Whoever replaces more than so many a week spoils nobody's tasks but their own. */
const RETIRED_MAX = 200;

/**
 * The secrets that this process has had in the clear, for cutting them out of what is written. Each user has a list of
 * their own: what one user calls a secret must not be cut out of what another's tasks say.
 */
export interface KnownSecrets {
  /** One of the server's own, to be cut out of everything. */
  addOwn(secret: string): void;
  /** What stands at a place of the user's by now; what stood there before goes on being known for a while. */
  set(userId: string, place: string, secret: string): void;
  /** Nothing stands at the place any more. */
  retire(userId: string, place: string): void;
  /** The server's own and this user's; the same list until it changes. */
  of(userId: string): readonly string[];
  /** Everybody's, for what the server alone writes; the same list until it changes. */
  all(): readonly string[];
}

interface UsersSecrets {
  places: Map<string, string>;
  /** By the time at which they stop being known, the earliest first. */
  retired: Map<string, number>;
  list: readonly string[] | null;
}

export function createKnownSecrets(first: readonly string[], clock: Clock): KnownSecrets {
  const own = new Set(first.filter((secret) => secret !== ""));
  const users = new Map<string, UsersSecrets>();
  let all: readonly string[] | null = null;

  const changed = (of: UsersSecrets) => {
    of.list = null;
    all = null;
  };

  function open(userId: string): UsersSecrets {
    const found = users.get(userId) ?? { places: new Map(), retired: new Map(), list: null };
    users.set(userId, found);
    return found;
  }

  function retireFrom(of: UsersSecrets, place: string): void {
    const secret = of.places.get(place);
    if (secret === undefined) return;
    of.places.delete(place);
    // Last again, should it have been retired before.
    of.retired.delete(secret);
    of.retired.set(secret, clock.now().getTime() + RETIRED_MS);
    const [oldest] = of.retired.keys();
    if (of.retired.size > RETIRED_MAX && oldest !== undefined) of.retired.delete(oldest);
    changed(of);
  }

  function forget(of: UsersSecrets): void {
    const nowMs = clock.now().getTime();
    for (const [secret, untilMs] of of.retired) {
      if (untilMs > nowMs) return;
      of.retired.delete(secret);
      changed(of);
    }
  }

  return {
    addOwn(secret) {
      if (secret === "" || own.has(secret)) return;
      own.add(secret);
      for (const user of users.values()) changed(user);
      all = null;
    },

    set(userId, place, secret) {
      const user = open(userId);
      if (user.places.get(place) === secret) return;
      retireFrom(user, place);
      user.places.set(place, secret);
      changed(user);
    },

    retire: (userId, place) => retireFrom(open(userId), place),

    of(userId) {
      const user = open(userId);
      forget(user);
      user.list ??= [...new Set([...own, ...user.places.values(), ...user.retired.keys()])];
      return user.list;
    },

    all() {
      for (const user of users.values()) forget(user);
      all ??= [
        ...new Set([
          ...own,
          ...[...users.values()].flatMap(({ places, retired }) => [...places.values(), ...retired.keys()]),
        ]),
      ];
      return all;
    },
  };
}
