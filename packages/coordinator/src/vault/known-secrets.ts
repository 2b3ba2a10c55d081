/** Every secret that this process has seen in the clear, for cutting it out of what is written. */
export interface KnownSecrets {
  add(secret: string): void;
  /** The same list until one is added. One that was deleted stays: it may still stand in what is written later. */
  list(): readonly string[];
}

export function createKnownSecrets(first: readonly string[]): KnownSecrets {
  let list: readonly string[] = [...new Set(first)];
  return {
    add(secret) {
      if (secret !== "" && !list.includes(secret)) list = [...list, secret];
    },
    list: () => list,
  };
}
