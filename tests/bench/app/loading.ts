import { needed } from "../../e2e/support/world.ts";
import type { Report } from "../report.ts";
import { begin, builtFiles, type Farhand, SAID, saidDone, tapTask } from "./farhand.ts";
import { countBytes, drawn, loadMs, nowIn } from "./page.ts";

const LISTED_TASKS = 20;

/** The list, and a task of so many events: without a cache first, and then with what the device keeps. */
export async function measureLoading(
  { world, device, listUrl, row }: Farhand,
  report: Report,
  { runs, longEvents }: { runs: number; longEvents: number },
): Promise<void> {
  report.note(`a list of ${LISTED_TASKS} tasks, and one of ${longEvents} events`);
  for (let n = 1; n < LISTED_TASKS; n += 1)
    await begin(world, { id: `small-${n}`, events: 20, isLast: true });
  const longOrder = { id: "long", events: longEvents, isLast: true };
  const long = await begin(world, longOrder);

  const cold: number[] = [];
  const warm: number[] = [];
  const coldKib: number[] = [];
  const openFirst: number[] = [];
  const openAgain: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using context = await device();
    const page = await context.newPage();
    const bytes = await countBytes(page);
    cold.push(await loadMs(page, listUrl, row));
    await page.waitForLoadState("networkidle");
    coldKib.push(bytes.total().bytes / 1024);
    // From here on the worker of the page answers for what it keeps.
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");

    const open = async () => {
      const startedMs = await nowIn(page);
      await tapTask(page, long);
      return (await drawn(page, SAID, saidDone(longOrder))) - startedMs;
    };
    openFirst.push(await open());
    await page.waitForTimeout(1_000);
    warm.push(await loadMs(page, listUrl, row));
    await page.waitForLoadState("networkidle");
    openAgain.push(await open());
  }
  const measured = report.measured.bind(report, "Farhand");
  measured("cold load to a list that can be used", "ms", cold);
  measured("warm load to a list that can be used", "ms", warm);
  measured("transferred at a cold load", "KiB", coldKib);
  const built = await builtFiles(needed("FARHAND_WEB_APP"));
  measured("scripts of the build, gzip", "KiB", [built.js / 1024]);
  measured("largest script of the build, gzip", "KiB", [built.largestJs / 1024]);
  measured(`open a task of ${longEvents} events, from the server`, "ms", openFirst);
  measured(`open a task of ${longEvents} events, from the device`, "ms", openAgain);
}
