import type { AuditPage } from "@farhand/protocol";
import type { Rest } from "./rest.ts";

export interface AuditApi {
  /** Who did what from where, newest first; `before` is the page's `nextBefore`. */
  audit(query?: { before?: number; limit?: number }, signal?: AbortSignal): Promise<AuditPage>;
}

export function createAuditApi(rest: Rest): AuditApi {
  return {
    audit: ({ before, limit } = {}, signal) =>
      rest.read("AuditPage", { path: "/api/audit", query: { before, limit }, signal }),
  };
}
