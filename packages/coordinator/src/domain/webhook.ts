/** What forges tell the server by themselves. `http/` takes it in, `database/` remembers it. */
export interface WebhookDeliveries {
  /** Whether none of these names was seen before, and remembers them. */
  isFirst(ids: string[]): Promise<boolean>;
  /** Ids of the tasks whose pull request has this address. */
  tasksOf(pullRequestUrl: string): Promise<string[]>;
}

/** How old a delivery may be. GitHub delivers again, when somebody asks for it, within three days. */
export const WEBHOOK_MAX_AGE_MS = 7 * 24 * 60 * 60_000;
