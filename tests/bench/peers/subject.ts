import type { BrowserContext, Page } from "playwright-core";
import type { Order } from "../app/orders.ts";

/** Something that is measured beside others: an app with a list of sessions, one of them long, and one that streams. */
export interface Subject extends AsyncDisposable {
  /** As the table names it. */
  name: string;
  /** A browser of its own that is signed in, and has loaded nothing. */
  device(): Promise<BrowserContext>;
  listUrl: string;
  /** Finds the rows of its list. */
  row: string;
  /** Finds what the agent has said. */
  said: string;
  /** Brings the sessions into sight where the list shows only what they are grouped by. */
  unfold?(page: Page): Promise<void>;
  /** Goes from the list to the long session, as a person does. */
  openLong(page: Page): Promise<void>;
  /** The long session ends with these words. */
  longEnd: string;
  /** Messages that came to the page so far, whatever it draws of them. To be called before it loads. */
  countMessages(page: Page): () => number;
  /** Shows a session whose agent waits for orders. */
  openStream(page: Page): Promise<Stream>;
}

export interface Stream extends AsyncDisposable {
  /** Gives the order, after which its updates come; it ends with its own words. */
  give(order: Order): Promise<void>;
}
