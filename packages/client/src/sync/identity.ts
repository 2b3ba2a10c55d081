import type { LocalStore } from "../local/local-store.ts";

const KEY = "meta/user";

export interface IdentityOptions {
  local: LocalStore;
  /** Asks the server whose sign-in this is. */
  userId(): Promise<string>;
  /** What the device keeps is somebody else's: it goes. */
  onOther(): Promise<void>;
  onError(error: unknown): void;
}

export interface IdentityCheck {
  /** It is certain that what the device keeps belongs to whoever is signed in. */
  readonly isKnown: boolean;
  /** @throws what asking the server throws */
  check(): Promise<void>;
  forget(): void;
}

/**
 * On a browser that several people use, what one of them has not sent yet must not be sent by another, nor what one has
 * read be shown to another. Asked with each connection, since a sign-in can change under an open page.
 */
export function createIdentityCheck({ local, userId, onOther, onError }: IdentityOptions): IdentityCheck {
  let isKnown = false;
  let underWay: Promise<void> | null = null;

  async function ask(): Promise<void> {
    const mine = await userId();
    const kept = await local.transaction("read", (tx) => tx.get(KEY));
    if (kept === mine) {
      isKnown = true;
      return;
    }
    if (kept !== undefined) await onOther();
    // A device that can keep nothing holds nothing of anybody either.
    await local.transaction("write", (tx) => tx.put(KEY, mine)).catch(onError);
    isKnown = true;
  }

  return {
    get isKnown() {
      return isKnown;
    },
    check() {
      underWay ??= ask().finally(() => {
        underWay = null;
      });
      return underWay;
    },
    forget() {
      isKnown = false;
    },
  };
}
