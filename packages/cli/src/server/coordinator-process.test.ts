import { afterEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CoordinatorStartError,
  startCoordinator,
  startCoordinatorInBackground,
} from "./coordinator-process.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A root folder whose coordinator is this program. */
async function rootWith(program: string) {
  const root = await mkdtemp(join(tmpdir(), "farhand-root-"));
  cleanUps.push(() => rm(root, { recursive: true, force: true }));
  await Bun.write(join(root, "packages/coordinator/src/main.ts"), program);
  const env = { PATH: process.env.PATH ?? "", MARK: "from the environment" };
  return { root, env, logPath: join(root, "logs/coordinator.log") };
}

const listening = (pid = "0") =>
  `console.log(JSON.stringify({ event: "listening", url: "http://127.0.0.1:1", tokenFile: String(${pid}), sandbox: "docker", isolated: true }));`;

test("a coordinator that listens is ready; its log goes to the file, and SIGTERM ends it", async () => {
  const options = await rootWith(`
    console.error("log:", process.env.MARK);
    process.on("SIGTERM", () => process.exit(7));
    console.log("something else");
    ${listening()}
    setInterval(() => console.log("x".repeat(100_000)), 1);`);
  const { listening: announced, process: child } = await startCoordinator(options);
  expect(announced).toMatchObject({ url: "http://127.0.0.1:1", isolated: true });
  expect(await child.stop(5000)).toBe(7);
  expect(await Bun.file(options.logPath).text()).toContain("log: from the environment");
});

test("one that will not end is ended", async () => {
  const options = await rootWith(
    `process.on("SIGTERM", () => {}); ${listening()} setInterval(() => {}, 1000);`,
  );
  const { process: child } = await startCoordinator(options);
  expect(await child.stop(100)).toBe(137);
});

test("its own reason for not starting is passed on", async () => {
  const options = await rootWith(`
    console.log(JSON.stringify({ event: "failed", code: "conflict", message: "Port 1 is taken.", action: "Choose another." }));
    process.exit(1);`);
  for (const start of [startCoordinator, startCoordinatorInBackground]) {
    const error = await start(options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CoordinatorStartError);
    expect(error).toMatchObject({ code: "conflict", message: "Port 1 is taken.", action: "Choose another." });
  }
});

test("one that dies without a word is told of with its exit code and its log", async () => {
  const options = await rootWith(`process.exit(9);`);
  for (const start of [startCoordinator, startCoordinatorInBackground]) {
    const error = await start(options).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ action: `Its log says why: ${options.logPath}` });
    expect(String(error)).toContain("code 9");
  }
});

test("one in the background is its own process group and logs to the file that it announces itself in", async () => {
  const options = await rootWith(`${listening("process.pid")} setInterval(() => {}, 1000);`);
  const { tokenFile } = await startCoordinatorInBackground(options);
  // Fails unless there is a group that this process leads.
  process.kill(-Number(tokenFile), "SIGKILL");
  expect(await Bun.file(options.logPath).text()).toContain('"event":"listening"');
});
