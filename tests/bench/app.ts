/**
 * How fast the app is in a real browser: loading it, opening a long task, drawing a stream, and what it holds after an hour.
 * Real coordinator, real gateway, real WebSocket; the agent obeys the benchmark's orders and asks no model.
 *
 *   bun tests/bench/app.ts [--runs 5] [--json] [--quick]
 *
 * It wants `FARHAND_WEB_APP`, and `FARHAND_WORKER_BINARY` and `FARHAND_WORKER_IMAGE` as `./farhand test` sets them.
 */
import { parseArgs } from "node:util";
import { needed } from "../e2e/support/world.ts";
import { launchBrowser } from "../screens/browser.ts";
import { begin, builtFiles, done, give, openFarhand, SAID, saidDone, tapTask } from "./app/farhand.ts";
import { countBytes, drawn, framesDuring, held, loadMs, nowIn } from "./app/page.ts";
import { type Figure, figure, said } from "./figures.ts";

const { values: given } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    /** A tenth of the work, to see whether it runs. */
    quick: { type: "boolean", default: false },
  },
});
const runs = Number(given.runs);
const share = given.quick ? 0.1 : 1;
const LONG_EVENTS = 10_000 * share;
const STREAM_SECONDS = 20 * share;
const PER_SECOND = 60;
const HOUR_UPDATES = 3_600 * PER_SECOND * share;
/** An hour in three minutes. */
const HOUR_PACE = PER_SECOND * 20;
const LISTED_TASKS = 20;

const note = (line: string) => process.stderr.write(`${line}\n`);

interface Line {
  name: string;
  unit: string;
  figure: Figure;
  digits?: number;
}
const lines: Line[] = [];
const measured = (name: string, unit: string, values: number[], digits = 0) => {
  const line = { name, unit, figure: figure(values), digits };
  lines.push(line);
  note(`${name}: ${said(line.figure, digits)} ${unit}`);
};

await using browser = await launchBrowser();
await using farhand = await openFarhand(browser);
const { world } = farhand;

note(`a list of ${LISTED_TASKS} tasks, and one of ${LONG_EVENTS} events`);
for (let n = 1; n < LISTED_TASKS; n += 1) await begin(world, { id: `small-${n}`, events: 20, isLast: true });
const longOrder = { id: "long", events: LONG_EVENTS, isLast: true };
const long = await begin(world, longOrder);

const cold: number[] = [];
const warm: number[] = [];
const coldBytes: number[] = [];
const openFirst: number[] = [];
const openAgain: number[] = [];
for (let run = 0; run < runs; run += 1) {
  await using device = await farhand.device();
  const page = await device.newPage();
  const bytes = await countBytes(page);
  cold.push(await loadMs(page, farhand.listUrl, farhand.row));
  await page.waitForLoadState("networkidle");
  coldBytes.push(bytes.total().bytes / 1024);
  // From here on the worker of the page answers for what it keeps.
  await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");

  const open = async () => {
    const startedMs = await nowIn(page);
    await tapTask(page, long);
    return (await drawn(page, SAID, saidDone(longOrder))) - startedMs;
  };
  openFirst.push(await open());
  await page.waitForTimeout(1_000);
  warm.push(await loadMs(page, farhand.listUrl, farhand.row));
  await page.waitForLoadState("networkidle");
  openAgain.push(await open());
}
measured("cold load to a list that can be used", "ms", cold);
measured("warm load to a list that can be used", "ms", warm);
measured("transferred at a cold load", "KiB", coldBytes);
const built = await builtFiles(needed("FARHAND_WEB_APP"));
measured("scripts of the build, gzip", "KiB", [built.js / 1024]);
measured("largest script of the build, gzip", "KiB", [built.largestJs / 1024]);
measured(`open a task of ${LONG_EVENTS} events, from the server`, "ms", openFirst);
measured(`open a task of ${LONG_EVENTS} events, from the device`, "ms", openAgain);

const over34: number[] = [];
const p99: number[] = [];
const longest: number[] = [];
const fps: number[] = [];
{
  await using device = await farhand.device();
  const page = await device.newPage();
  const start = { id: "start" };
  const streaming = await begin(world, start);
  await page.goto(farhand.taskUrl(streaming));
  await drawn(page, SAID, saidDone(start));
  for (let run = 0; run < runs; run += 1) {
    const order = { id: `stream-${run}`, updates: STREAM_SECONDS * PER_SECOND, perSecond: PER_SECOND };
    const frames = await framesDuring(page, async () => {
      await give(world, streaming, order);
      await drawn(page, SAID, saidDone(order));
    });
    over34.push((frames.over34 / frames.seconds) * 20);
    p99.push(frames.p99Ms);
    longest.push(frames.longestMs);
    fps.push(frames.frames / frames.seconds);
  }
  measured("frames over 34 ms in 20 s of 60 updates a second", "frames", over34);
  measured("99th of 100 frames, while it streams", "ms", p99);
  measured("longest frame, while it streams", "ms", longest);
  measured("frames a second, while it streams", "1/s", fps);
  const stop = { id: "stop", isLast: true };
  await give(world, streaming, stop);
  await done(world, streaming, stop);
}
{
  await using device = await farhand.device();
  const page = await device.newPage();
  const session = await device.newCDPSession(page);
  await session.send("Performance.enable");
  const start = { id: "start-hour" };
  const streaming = await begin(world, start);
  await page.goto(farhand.taskUrl(streaming));
  await drawn(page, SAID, saidDone(start));
  const before = await held(session);
  const seqBefore = (await world.client.getTask(streaming)).lastSeq;
  const hour = { id: "hour", updates: HOUR_UPDATES, perSecond: HOUR_PACE };
  await give(world, streaming, hour);
  await done(world, streaming, hour);
  await drawn(page, SAID, saidDone(hour));
  const after = await held(session);
  const events = (await world.client.getTask(streaming)).lastSeq - seqBefore;
  const MIB = 1024 ** 2;
  measured(`updates of an hour, sent at ${HOUR_PACE} a second`, "updates", [HOUR_UPDATES]);
  measured("events among them", "events", [events]);
  measured("heap before the hour", "MiB", [before.heapBytes / MIB], 1);
  measured("heap after it", "MiB", [after.heapBytes / MIB], 1);
  measured(
    "growth for 10,000 events",
    "MiB",
    [((after.heapBytes - before.heapBytes) / MIB / events) * 10_000],
    1,
  );
  measured("elements of the page before the hour", "nodes", [before.nodes]);
  measured("elements of the page after it", "nodes", [after.nodes]);
  const stop = { id: "stop-hour", isLast: true };
  await give(world, streaming, stop);
  await done(world, streaming, stop);
}

if (given.json) process.stdout.write(`${JSON.stringify({ runs, lines }, null, 2)}\n`);
else {
  process.stdout.write(`| what | median (range) | unit |\n| --- | ---: | --- |\n`);
  for (const { name, unit, figure: found, digits } of lines)
    process.stdout.write(`| ${name} | ${said(found, digits)} | ${unit} |\n`);
}
