import type { SealedTextStore, TextPlace } from "../domain/key-store.ts";
import type { Safe } from "../domain/vault.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import type { MasterKey } from "./master-key.ts";
import { SealError, seal, unseal } from "./seal.ts";

/** Texts of the server's own that are kept as keys are: sealed, and bound to what they belong to. */
export function createSafe(options: {
  store: SealedTextStore;
  master: MasterKey;
  known: KnownSecrets;
}): Safe {
  const { store, master, known } = options;
  const keys = [master, ...master.previous];
  /** Whose text it is decides out of what its secrets are cut. */
  function learn(place: TextPlace, index: number, secret: string): void {
    if (place.userId === "") known.addOwn(secret);
    else known.set(place.userId, nameOf(place, index), secret);
  }
  return {
    async open(place, secretsOf) {
      const sealed = await store.get(place);
      if (!sealed) return null;
      try {
        const text = unseal(keys, place, sealed);
        for (const [index, secret] of secretsOf(text).entries()) learn(place, index, secret);
        return text;
      } catch (error) {
        if (error instanceof SealError) return null;
        throw error;
      }
    },
    put: (place: TextPlace, text) => store.put(place, seal(master, place, text)),
    remove: (place) => store.remove(place),
  };
}

const nameOf = ({ purpose, subject }: TextPlace, index: number) => `${purpose} ${subject} ${index}`;
