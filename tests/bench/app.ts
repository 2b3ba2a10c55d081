/**
 * How fast the app is in a real browser: loading it, opening a long task, drawing a stream, and what it holds after an hour.
 * Real coordinator, real gateway, real WebSocket; the agent obeys the benchmark's orders and asks no model.
 *
 *   bun tests/bench/app.ts [--runs 5] [--json] [--quick]
 *
 * It wants `FARHAND_WEB_APP` and `FARHAND_WORKER_BINARY` as `./farhand test` sets them.
 */
import { parseArgs } from "node:util";
import { launchBrowser } from "../screens/browser.ts";
import { openFarhand } from "./app/farhand.ts";
import { measureHour } from "./app/hour.ts";
import { measureLoading } from "./app/loading.ts";
import { measureStreaming } from "./app/streaming.ts";
import { benchmark } from "./benchmark.ts";
import { Report } from "./report.ts";

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

await benchmark(async ({ own }) => {
  const report = new Report(["Farhand"]);
  const browser = await own(launchBrowser({ endsBySignals: false }));
  const farhand = await own(openFarhand(browser));
  await measureLoading(farhand, report, { runs, longEvents: 10_000 * share });
  await measureStreaming(farhand, report, { runs, seconds: 20 * share });
  await measureHour(farhand, report, { updates: 3_600 * 60 * share });
  report.print(given.json);
});
