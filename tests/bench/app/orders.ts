import { z } from "zod";

/**
 * What the benchmark tells its agent to do, in a prompt or in a message that steers it. Each is answered by an answer that
 * ends with {@link doneText}.
 */
export const Order = z.strictObject({
  /** Names the order in the answer that ends it. */
  id: z.string(),
  /** Events of finished work, as fast as the server takes them. */
  events: z.int().optional(),
  /** Updates of work that is under way: pieces of answers, answers and steps. */
  updates: z.int().optional(),
  /** The pace of the updates. */
  perSecond: z.number().optional(),
  /** The turn is over then; otherwise the agent waits for the next order. */
  isLast: z.boolean().optional(),
});
export type Order = z.infer<typeof Order>;

export const orderText = (order: Order): string => `Work on the benchmark. [order:${JSON.stringify(order)}]`;
export const doneText = (id: string): string => `Done with ${id}.`;

/** @throws where the text holds no order */
export function orderIn(text: string): Order {
  return Order.parse(JSON.parse(/\[order:(\{.*?\})\]/.exec(text)?.[1] ?? "null"));
}
