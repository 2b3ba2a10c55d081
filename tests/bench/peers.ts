/**
 * Farhand beside its nearest peers, HAPI and CloudCLI, on the same work, in the same Chromium, in turn in one run. Each is the
 * real program; what their agents say is the benchmark's, and no model is asked.
 *
 *   bun tests/bench/peers.ts [--runs 5] [--json] [--quick] [--peers <folder>]
 *
 * It wants node and npm, which installs the peers into the folder where they are not there yet, and of the environment what
 * `app.ts` wants.
 */
import { parseArgs } from "node:util";
import { launchBrowser } from "../screens/browser.ts";
import { benchmark } from "./benchmark.ts";
import { openCloudCli } from "./peers/cloudcli.ts";
import { openFarhandSubject } from "./peers/farhand.ts";
import { openHapi } from "./peers/hapi.ts";
import { installPeers, PEERS_FOLDER } from "./peers/install.ts";
import { type Loading, measureLoading } from "./peers/loading.ts";
import { endsOf, type Held, measureFrames, measureHeld, type Streamed } from "./peers/streaming.ts";
import type { Subject } from "./peers/subject.ts";
import { Report } from "./report.ts";
import { Late } from "./within.ts";

const { values: given } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    /** A tenth of the work, to see whether it runs. */
    quick: { type: "boolean", default: false },
    /** What holds the `node_modules` of the peers. */
    peers: { type: "string", default: PEERS_FOLDER },
  },
});
const runs = Number(given.runs);
const share = given.quick ? 0.1 : 1;
const longEvents = 10_000 * share;
/** One a run, and the hour. */
const work = { longEvents, streams: runs + 1 };
const PER_SECOND = 60;
const SECONDS = 20 * share;
const HOUR_UPDATES = 3_600 * PER_SECOND * share;

await benchmark(async ({ folder, own }) => {
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  const { peers } = given;
  await installPeers(peers, note);
  const browser = await own(launchBrowser({ endsBySignals: false }));
  const subjects = [
    await own(openFarhandSubject(browser, work)),
    await own(openHapi(browser, { peers, folder, ...work })),
    await own(openCloudCli(browser, { peers, folder, ...work })),
  ];
  const report = new Report(subjects.map(({ name }) => name));

  /**
   * So many runs, the subjects in turn, so that what the machine does besides meets all of them. A wait that runs out is what
   * the table says of that run, and the others go on.
   */
  const inTurn = async <T>(
    part: string,
    count: number,
    measure: (subject: Subject, run: number) => Promise<T>,
  ) => {
    const found = subjects.map(({ name }) => ({ name, runs: [] as T[] }));
    for (let run = 0; run < count; run += 1)
      for (const [index, subject] of subjects.entries()) {
        try {
          const measured = await measure(subject, run);
          note(`${subject.name}, run ${run + 1}: ${JSON.stringify(measured)}`);
          found[index]?.runs.push(measured);
        } catch (error) {
          if (!(error instanceof Late)) throw error;
          note(`${subject.name}, run ${run + 1}: ${error.message}`);
          report.noted(subject.name, `${part}: a wait ran out`, `in run ${run + 1}`);
        }
      }
    return found.filter((subject) => subject.runs.length > 0);
  };

  for (const { name, runs: loadings } of await inTurn("loading", runs, measureLoading)) {
    const line = (what: string, unit: string, key: keyof Loading) =>
      report.measured(
        name,
        what,
        unit,
        loadings.map((loading) => loading[key]),
      );
    line("cold load to a list that can be used", "ms", "coldMs");
    line("transferred at a cold load", "KiB", "coldKib");
    line("requests of it", "requests", "coldRequests");
    line("scripts of the first page, gzip", "KiB", "scriptsKib");
    line(`open a session of ${longEvents} events, until the last is drawn`, "ms", "openMs");
    line("messages fetched for it", "messages", "openMessages");
  }

  const frames = await inTurn("frames", runs, (subject, run) =>
    measureFrames(subject, { id: `stream-${run}`, updates: SECONDS * PER_SECOND, perSecond: PER_SECOND }),
  );
  for (const { name, runs: streamed } of frames) {
    const line = (what: string, unit: string, of: (stream: Streamed) => number) =>
      report.measured(name, what, unit, streamed.map(of));
    line(
      "frames over 34 ms in 20 s of 60 updates a second",
      "frames",
      ({ over34, seconds }) => (over34 / seconds) * 20,
    );
    line("longest frame, while it streams", "ms", ({ longestMs }) => longestMs);
    report.noted(name, "it draws the end of the stream", endsOf(streamed));
  }

  const hour = { id: "hour", updates: HOUR_UPDATES, perSecond: PER_SECOND * 20 };
  for (const { name, runs: hours } of await inTurn("the hour", 1, (subject) => measureHeld(subject, hour))) {
    const line = (what: string, unit: string, of: (held: Held) => number, digits = 0) =>
      report.measured(name, what, unit, hours.map(of), digits);
    line("heap before an hour's stream", "MiB", ({ beforeMib }) => beforeMib, 1);
    line("heap after it", "MiB", ({ afterMib }) => afterMib, 1);
    line("elements of the page after it", "nodes", ({ nodesAfter }) => nodesAfter);
    report.noted(name, "it draws the end of the hour", endsOf(hours));
  }
  report.print(given.json);
});
