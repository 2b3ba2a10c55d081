import { AsyncLocalStorage } from "node:async_hooks";
import type { Peer } from "../domain/identity.ts";

/** A request by which a provider sends somebody back. */
export interface ProviderVisit {
  address: string | null;
  /** What the provider calls them. Empty until it has said so. */
  login: string;
  /** They have no account here so far, and may get one. */
  isArrival: boolean;
}

export interface ProviderVisits {
  during<T>(peer: Peer, answer: () => Promise<T>): Promise<T>;
  current(): Readonly<ProviderVisit> | undefined;
  noteLogin(login: string): void;
  noteArrival(): void;
}

/** Carries what is known of such a request to the library's hooks, which are given rows of tables and nothing else. */
export function createProviderVisits(): ProviderVisits {
  const visits = new AsyncLocalStorage<ProviderVisit>();
  return {
    during: ({ address }, answer) => visits.run({ address, login: "", isArrival: false }, answer),
    current: () => visits.getStore(),
    noteLogin(login) {
      const visit = visits.getStore();
      if (visit) visit.login = login;
    },
    noteArrival() {
      const visit = visits.getStore();
      if (visit) visit.isArrival = true;
    },
  };
}
