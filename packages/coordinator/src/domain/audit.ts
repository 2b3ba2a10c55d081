/** Who did what from where. Append-only. `database/` implements it. */
export interface AuditEntry {
  /** Number of the entry: 1, 2, 3 … */
  id: number;
  at: string;
  /** Null for the server itself and for somebody who is not signed in. */
  userId: string | null;
  /** What the user is called now; null where `userId` is null, or names nobody. */
  login: string | null;
  /** Dotted words, such as `sign_in.failed` or `key.added`. */
  action: string;
  /** What it was done to: a task's id, a host, a session; never a secret. */
  subject: string;
  address: string | null;
  detail: string;
}

export interface AuditLog {
  /** Never rejects: what cannot be written is told to the server's log. */
  record(entry: Omit<AuditEntry, "id" | "at" | "login">): Promise<void>;
  /** Newest first. */
  list(page: { before: number | null; limit: number; userId: string | null }): Promise<AuditEntry[]>;
  /** From where the user has last done something to this subject; null when that is not known. */
  lastAddress(userId: string, subject: string): Promise<string | null>;
}
