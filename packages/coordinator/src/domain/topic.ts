/** Passes what is published under a key, such as a task, on to those who follow it, in order and at once. Keeps nothing. */
export interface Topic<T> {
  publish(key: string, items: T[]): void;
  /** Returns the way to stop. */
  follow(key: string, follower: (item: T) => void): () => void;
}

export function createTopic<T>(): Topic<T> {
  const followers = new Map<string, Set<(item: T) => void>>();
  return {
    publish(key, items) {
      // A copy, because a follower may stop following while it is told.
      for (const item of items) for (const follower of [...(followers.get(key) ?? [])]) follower(item);
    },
    follow(key, follower) {
      const set = followers.get(key) ?? new Set();
      followers.set(key, set.add(follower));
      return () => {
        set.delete(follower);
        if (set.size === 0 && followers.get(key) === set) followers.delete(key);
      };
    },
  };
}
