import type { Report } from "../report.ts";
import { begin, done, type Farhand, give, SAID, saidDone } from "./farhand.ts";
import { drawn, held } from "./page.ts";

/** An hour of 60 updates a second in three minutes. */
const PER_SECOND = 60 * 20;
const MIB = 1024 ** 2;

/** What a page holds after an hour's stream that it is looking at, compressed in time. */
export async function measureHour(
  { world, device, taskUrl }: Farhand,
  report: Report,
  { updates }: { updates: number },
): Promise<void> {
  await using context = await device();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable");
  const start = { id: "start-hour" };
  const task = await begin(world, start);
  await page.goto(taskUrl(task));
  await drawn(page, SAID, saidDone(start));
  const before = await held(session);
  const seqBefore = (await world.client.getTask(task)).lastSeq;

  const hour = { id: "hour", updates, perSecond: PER_SECOND };
  const startedMs = performance.now();
  await give(world, task, hour);
  await done(world, task, hour);
  const seconds = (performance.now() - startedMs) / 1000;
  await drawn(page, SAID, saidDone(hour), { seldom: true });
  const after = await held(session);
  const events = (await world.client.getTask(task)).lastSeq - seqBefore;
  const stop = { id: "stop-hour", isLast: true };
  await give(world, task, stop);
  await done(world, task, stop);

  const measured = report.measured.bind(report, "Farhand");
  measured("updates of an hour", "updates", [updates]);
  measured("sent in", "s", [seconds]);
  measured("events among them", "events", [events]);
  measured("heap before the hour", "MiB", [before.heapBytes / MIB], 1);
  measured("heap after it", "MiB", [after.heapBytes / MIB], 1);
  const growthMib = (after.heapBytes - before.heapBytes) / MIB;
  measured("growth for 10,000 events", "MiB", [(growthMib / events) * 10_000], 1);
  measured("elements of the page before the hour", "nodes", [before.nodes]);
  measured("elements of the page after it", "nodes", [after.nodes]);
}
