import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogs, scrubber, scrubberOfUsers } from "./log.ts";

const directory = await mkdtemp(join(tmpdir(), "farhand-log-"));
afterAll(() => rm(directory, { recursive: true, force: true }));

test("a task's log file holds its lines and no secret, whatever field it came in", async () => {
  const secret = "sk-ant-canary-1234567890";
  const known = [secret];
  const logs = createLogs({ directory, level: "info", secrets: () => known });
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

const constant = (secrets: string[]) => () => secrets;

test("a secret that became known while the log was open is cut out from then on", () => {
  let known: readonly string[] = [];
  const scrub = scrubber(() => known);
  expect(scrub("the key is glpat-0123456789")).toBe("the key is glpat-0123456789");
  known = ["glpat-0123456789"];
  expect(scrub("the key is glpat-0123456789")).toBe("the key is [redacted]");
  expect(scrub(`basic ${btoa("oauth2:glpat-0123456789")}`)).toBe("basic [redacted]");
});

test("secrets are cut out in the forms that headers give them", () => {
  const scrub = scrubber(constant(["ghp_canarycanary"]));
  expect(scrub(`authorization: basic ${btoa("x-access-token:ghp_canarycanary")}`)).toBe(
    "authorization: basic [redacted]",
  );
});

test("a log stays readable whatever a user calls a secret", async () => {
  const logs = createLogs({
    directory,
    level: "info",
    secrets: () => ['"taskId":"t_2"', '","msg":"', "sk-canary-12345"],
  });
  const { logger, close } = logs.task("t_2");
  logger.info({ answer: { "x-sk-canary-12345": 1 } }, "it starts");
  close();
  const [line = ""] = (await readFile(join(directory, "t_2.log"), "utf8")).trim().split("\n");
  expect(JSON.parse(line)).toMatchObject({
    taskId: "t_2",
    msg: "it starts",
    answer: { "x-[redacted]": 1 },
  });
});

test("each user's texts lose that user's secrets and nobody else's", () => {
  const lists: Record<string, string[]> = { ada: ["the-servers-own", "discount"], ben: ["the-servers-own"] };
  const scrub = scrubberOfUsers((userId) => lists[userId] ?? []);
  const text = "const discount = 'the-servers-own'";
  expect([scrub("ada", text), scrub("ben", text)]).toEqual([
    "const [redacted] = '[redacted]'",
    "const discount = '[redacted]'",
  ]);
});
