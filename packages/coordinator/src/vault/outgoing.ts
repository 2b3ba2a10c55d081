import { failure } from "../domain/failure.ts";
import type { Outgoing } from "../domain/vault.ts";
import { publicAddressOf, type Resolve } from "./addresses.ts";
import { guardedFetch } from "./guarded-fetch.ts";

/**
 * Requests to addresses that users have named. The owner may use any; everybody else https, and no network of the
 * server's own, which is looked at anew at each request.
 */
export function createOutgoing(options: {
  isOwner(userId: string): Promise<boolean>;
  resolve?: Resolve;
}): Outgoing {
  const guarded = guardedFetch(options.resolve);
  return {
    async demandAllowed(userId, url) {
      if (await options.isOwner(userId)) return;
      if (!url.startsWith("https:"))
        throw failure(
          "address_refused",
          "Over http the message would travel in the clear.",
          "Give an https address; only the owner of this server may use another.",
        );
      await publicAddressOf(url, options.resolve);
    },
    fetch: async (userId, url, init) =>
      (await options.isOwner(userId)) ? fetch(url, { ...init, redirect: "manual" }) : guarded(url, init),
  };
}
