import type { AuditPage } from "@farhand/protocol";
import type { RawFile, Rest } from "./rest.ts";

export interface AuditApi {
  /** Who did what from where, newest first; `before` is the page's `nextBefore`. */
  audit(query?: { before?: number; limit?: number }, signal?: AbortSignal): Promise<AuditPage>;
  /** All of it as JSON Lines. Read the body to its end, or cancel it. */
  exportAudit(signal?: AbortSignal): Promise<RawFile>;
}

export function createAuditApi(rest: Rest): AuditApi {
  return {
    audit: ({ before, limit } = {}, signal) =>
      rest.read("AuditPage", { path: "/api/audit", query: { before, limit }, signal }),
    exportAudit: (signal) => rest.bytes({ path: "/api/audit/export", signal }),
  };
}
