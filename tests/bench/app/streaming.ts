import type { Report } from "../report.ts";
import { begin, done, type Farhand, give, SAID, saidDone } from "./farhand.ts";
import { drawn, framesDuring } from "./page.ts";

const PER_SECOND = 60;
/** Frames that are late are counted for so long a stream, however long it was. */
const COUNTED_SECONDS = 20;

/** The frames of a page to which an answer streams at the pace of 60 updates a second. */
export async function measureStreaming(
  { world, device, taskUrl }: Farhand,
  report: Report,
  { runs, seconds }: { runs: number; seconds: number },
): Promise<void> {
  await using context = await device();
  const page = await context.newPage();
  const start = { id: "start" };
  const task = await begin(world, start);
  await page.goto(taskUrl(task));
  await drawn(page, SAID, saidDone(start));

  const over34: number[] = [];
  const p99: number[] = [];
  const longest: number[] = [];
  const fps: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const order = { id: `stream-${run}`, updates: seconds * PER_SECOND, perSecond: PER_SECOND };
    const frames = await framesDuring(page, async () => {
      await give(world, task, order);
      await drawn(page, SAID, saidDone(order), { seldom: true });
    });
    over34.push((frames.over34 / frames.seconds) * COUNTED_SECONDS);
    p99.push(frames.p99Ms);
    longest.push(frames.longestMs);
    fps.push(frames.frames / frames.seconds);
  }
  const stop = { id: "stop", isLast: true };
  await give(world, task, stop);
  await done(world, task, stop);

  const measured = report.measured.bind(report, "Farhand");
  measured(`frames over 34 ms in ${COUNTED_SECONDS} s of ${PER_SECOND} updates a second`, "frames", over34);
  measured("99th of 100 frames, while it streams", "ms", p99);
  measured("longest frame, while it streams", "ms", longest);
  measured("frames a second, while it streams", "1/s", fps);
}
