import type { CDPSession, Page } from "playwright-core";
import { Late, within } from "../within.ts";

/** What takes longer does not come at all. */
const PATIENCE_MS = 300_000;
/** Often enough for the end of a stream, and no burden on the frames that are counted meanwhile. */
const SELDOM_MS = 250;
/** A page that is so busy that it does not answer for so long does not answer at all. */
const ANSWER_MS = 60_000;

/**
 * Waits in the page itself, frame by frame, until an element is drawn that the selector finds and that holds the text.
 * @param options `seldom` to look a few times a second, while something else is measured
 * @returns milliseconds since the page began to load
 * @throws {Late} with what the page shows instead, if it answers at all
 */
export async function drawn(
  page: Page,
  selector: string,
  text = "",
  { seldom = false, patienceMs = PATIENCE_MS } = {},
): Promise<number> {
  const looking = page.evaluate<number | string>(`new Promise((resolve) => {
    const missed = () => "never drawn: " + ${JSON.stringify(`${selector} ${text}`)} + ", but: " + document.body.innerText.slice(-500);
    let isLate = false;
    setTimeout(() => { isLate = true; }, ${patienceMs});
    // What is looked for is at the end mostly. Its height is asked for last, since that has the page laid out.
    const isThere = () =>
      [...document.querySelectorAll(${JSON.stringify(selector)})].reverse().some(
        (element) => element.textContent.includes(${JSON.stringify(text)}) && element.offsetHeight > 0,
      );
    const again = (look) => (${seldom} ? setTimeout(look, ${SELDOM_MS}) : requestAnimationFrame(look));
    const look = () => {
      if (isThere()) requestAnimationFrame(() => resolve(performance.now()));
      else if (isLate) resolve(missed());
      else again(look);
    };
    look();
  })`);
  const found = await within(patienceMs + ANSWER_MS, "a page that was asked for what it draws", looking);
  if (typeof found === "string") throw new Late(found);
  return found;
}

export const nowIn = (page: Page): Promise<number> => page.evaluate("performance.now()");

/** Loads the address. @returns milliseconds until such an element is drawn */
export async function loadMs(page: Page, url: string, selector: string, text = ""): Promise<number> {
  await page.goto(url, { waitUntil: "commit" });
  for (;;) {
    try {
      return await drawn(page, selector, text);
    } catch (error) {
      // The page went on to another one, which is what is waited for.
      if (!String(error).includes("context was destroyed")) throw error;
    }
  }
}

/** Nothing came for so long: a page is done with loading, whatever connections it keeps open. */
const REST_MS = 1_000;

/** Counts what comes over the network from now on, as it comes: compressed. */
export async function countBytes(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  let requests = 0;
  let heardMs = performance.now();
  session.on("Network.dataReceived", () => {
    heardMs = performance.now();
  });
  session.on("Network.requestWillBeSent", () => {
    heardMs = performance.now();
  });
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    heardMs = performance.now();
    bytes += encodedDataLength;
    requests += 1;
  });
  return {
    total: () => ({ bytes, requests }),
    /** Waits until nothing has come for a second, or for a minute where something always comes. */
    async rest() {
      const startedMs = performance.now();
      while (performance.now() - heardMs < REST_MS && performance.now() - startedMs < ANSWER_MS)
        await Bun.sleep(50);
    },
  };
}

export interface Frames {
  seconds: number;
  frames: number;
  /** Between two frames that were drawn there were more than 34 ms: one was left out at least. */
  over34: number;
  longestMs: number;
  p99Ms: number;
}

/** Watches the frames until `work` is done. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<Frames> {
  await page.evaluate(`(() => {
    const watch = (globalThis.frameWatch = { deltas: [], isOver: false });
    let last = performance.now();
    const look = (now) => {
      watch.deltas.push(now - last);
      last = now;
      if (!watch.isOver) requestAnimationFrame(look);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(look);
    });
  })()`);
  await work();
  const watched = page.evaluate<number[]>("(frameWatch.isOver = true, frameWatch.deltas)");
  const deltas = (await within(ANSWER_MS, "a page that was asked for its frames", watched)).toSorted(
    (a, b) => a - b,
  );
  return {
    seconds: deltas.reduce((sum, delta) => sum + delta, 0) / 1000,
    frames: deltas.length,
    over34: deltas.filter((delta) => delta > 34).length,
    longestMs: deltas.at(-1) ?? 0,
    p99Ms: deltas[Math.floor(deltas.length * 0.99)] ?? 0,
  };
}

/**
 * What the page holds once all that nobody needs is swept away.
 * @throws {Late} when the page is too busy to answer
 */
export async function held(session: CDPSession): Promise<{ heapBytes: number; nodes: number }> {
  const ask = async () => {
    // What one sweep lets go of can hold what only the next one finds.
    for (let sweep = 0; sweep < 3; sweep += 1) await session.send("HeapProfiler.collectGarbage");
    return await session.send("Performance.getMetrics");
  };
  const { metrics } = await within(ANSWER_MS, "a page that was asked for what it holds", ask());
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { heapBytes: of("JSHeapUsedSize"), nodes: of("Nodes") };
}
