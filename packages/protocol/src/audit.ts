import { z } from "zod";
import { Timestamp } from "./scalars.ts";

/** Who did what from where: one entry of the audit log. */
export const AuditRecord = z.strictObject({
  /** 1, 2, 3 … without gaps: an entry that is missing shows. */
  id: z.int().min(1),
  at: Timestamp,
  /** Null for the server itself and for somebody who is not signed in. */
  userId: z.string().nullable(),
  /** What the user is called now. Null where there is no user, and from servers that do not tell it. */
  login: z.string().nullable().default(null),
  /** Dotted words, such as `sign_in.failed` or `key.added`. */
  action: z.string(),
  /** What it was done to: a task's id, a host, a session. */
  subject: z.string(),
  /** The client's address; null where nobody asked from outside. */
  address: z.string().nullable(),
  detail: z.string(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** `GET /api/audit?before=&limit=`: newest first. */
export const AuditPage = z.strictObject({
  entries: z.array(AuditRecord),
  /** For `before` of the next page; null on the last. */
  nextBefore: z.int().min(1).nullable(),
});
export type AuditPage = z.infer<typeof AuditPage>;
