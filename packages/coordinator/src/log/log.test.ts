import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogs, scrubber } from "./log.ts";

const directory = await mkdtemp(join(tmpdir(), "farhand-log-"));
afterAll(() => rm(directory, { recursive: true }));

test("a task's log file holds its lines and no secret, whatever field it came in", async () => {
  const secret = "sk-ant-canary-1234567890";
  const logs = createLogs({ directory, level: "info", secrets: [secret] });
  const { logger, close } = logs.task("t_1");
  logger.info({ token: "some-other-token", note: `key is ${secret}` }, `started with ${secret}`);
  logger.error(new Error(`upstream said ${secret}`));
  close();
  const text = await readFile(join(directory, "t_1.log"), "utf8");
  expect(
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).taskId),
  ).toEqual(["t_1", "t_1"]);
  expect(text).toContain("[redacted]");
  expect(text).not.toContain(secret);
  expect(text).not.toContain("some-other-token");
});

test("secrets are cut out in the forms that headers give them", () => {
  const scrub = scrubber(["ghp_canarycanary"]);
  expect(scrub(`authorization: basic ${btoa("x-access-token:ghp_canarycanary")}`)).toBe(
    "authorization: basic [redacted]",
  );
});
