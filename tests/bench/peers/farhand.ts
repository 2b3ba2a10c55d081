import type { Browser, Page } from "playwright-core";
import { WIDE } from "../../screens/browser.ts";
import { begin, done, give, openFarhand, SAID, saidDone } from "../app/farhand.ts";
import type { Order } from "../app/orders.ts";
import { drawn } from "../app/page.ts";
import { within } from "../within.ts";
import { LISTED, LONG_ID, type Work } from "./history.ts";
import type { Stream, Subject } from "./subject.ts";

/** An agent that has no answer by then has none at all. */
const AGENT_MS = 120_000;

/** Farhand as its peers are measured, on a screen as wide as theirs. */
export async function openFarhandSubject(
  browser: Browser,
  { longEvents }: Pick<Work, "longEvents">,
): Promise<Subject> {
  const farhand = await openFarhand(browser);
  const { world } = farhand;
  for (let n = 1; n < LISTED; n += 1) await begin(world, { id: `short-${n}`, events: 20, isLast: true });
  const longOrder = { id: LONG_ID, events: longEvents, isLast: true };
  const long = await begin(world, longOrder);
  let streams = 0;

  return {
    name: "Farhand",
    device: () => farhand.device(WIDE),
    listUrl: farhand.listUrl,
    row: farhand.row,
    said: SAID,
    openLong: (page) => page.getByTestId(`task-${long}`).click(),
    longEnd: saidDone(longOrder),
    countMessages,

    async openStream(page): Promise<Stream> {
      streams += 1;
      const start = { id: `waiting-${streams}` };
      const stop = { id: `stop-${streams}`, isLast: true };
      const task = await within(AGENT_MS, "an agent that begins", begin(world, start));
      await page.goto(farhand.taskUrl(task));
      await drawn(page, SAID, saidDone(start));
      return {
        give: (order: Order) => give(world, task, order),
        async [Symbol.asyncDispose]() {
          await give(world, task, stop);
          await within(AGENT_MS, "an agent that was told to stop", done(world, task, stop));
        },
      };
    },

    [Symbol.asyncDispose]: () => farhand[Symbol.asyncDispose](),
  };
}

/** Events, over its WebSocket or in pages. */
function countMessages(page: Page): () => number {
  let count = 0;
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      const text = String(payload);
      if (text.startsWith('{"type":"event"')) count += 1;
      else if (text.startsWith('{"type":"events"')) count += JSON.parse(text).events.length;
    }),
  );
  page.on("response", (response) => {
    if (!/\/api\/tasks\/[^/]+\/events\b/.test(response.url())) return;
    void response.json().then(
      ({ events }: { events: unknown[] }) => {
        count += events.length;
      },
      () => undefined,
    );
  });
  return () => count;
}
