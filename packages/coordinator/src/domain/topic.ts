/** Passes what is published about a task on to those who follow it, in order and at once. Keeps nothing. */
export interface Topic<T> {
  publish(taskId: string, items: T[]): void;
  /** Returns the way to stop. */
  follow(taskId: string, follower: (item: T) => void): () => void;
}

export function createTopic<T>(): Topic<T> {
  const followers = new Map<string, Set<(item: T) => void>>();
  return {
    publish(taskId, items) {
      // A copy, because a follower may stop following while it is told.
      for (const item of items) for (const follower of [...(followers.get(taskId) ?? [])]) follower(item);
    },
    follow(taskId, follower) {
      const set = followers.get(taskId) ?? new Set();
      followers.set(taskId, set.add(follower));
      return () => {
        set.delete(follower);
        if (set.size === 0 && followers.get(taskId) === set) followers.delete(taskId);
      };
    },
  };
}
