import { expect, test } from "bun:test";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { auditWork } from "./audit-work.ts";

async function openWork() {
  const stores = await openStores();
  const log = auditWork(stores.log, stores);
  const did = (action: string, subject: string, address: string | null, userId: string = OWNER.id) =>
    stores.audit.record({ userId, action, subject, address, detail: "" });
  const newest = async () => (await stores.audit.list({ before: null, limit: 1, userId: null }))[0];
  return { ...stores, log, did, newest };
}

const pushed = {
  type: "branch.published",
  branch: "farhand/mend",
  commit: "a".repeat(40),
  filesChanged: 1,
  insertions: 1,
  deletions: 0,
} as const;

test("a push is recorded with where it went, and from where its person last did something to the task", async () => {
  const { tasks, log, did, newest } = await openWork();
  await tasks.create(newTask(1));
  await did("task.created", taskId(1), "203.0.113.9");
  await did("message.sent", taskId(1), "198.51.100.7");
  await did("task.created", taskId(2), "192.0.2.1");
  await did("message.sent", taskId(1), "192.0.2.2", "u_other");
  await log.append(taskId(1), 0, [pushed]);
  expect(await newest()).toMatchObject({
    action: "branch.published",
    userId: OWNER.id,
    subject: taskId(1),
    address: "198.51.100.7",
    detail: `farhand/mend at ${"a".repeat(40)} in https://git.example.com/o/r`,
  });
});

test("a fork's push is known by the entry that made the fork, and one of which nothing is known by none", async () => {
  const { tasks, log, did, newest } = await openWork();
  await tasks.create(newTask(2));
  await log.append(taskId(2), 0, [pushed]);
  expect(await newest()).toMatchObject({ action: "branch.published", address: null });
  await did("task.forked", `${taskId(1)} → ${taskId(2)}`, "203.0.113.9");
  await log.append(taskId(2), 0, [pushed]);
  expect(await newest()).toMatchObject({ action: "branch.published", address: "203.0.113.9" });
});

test("what a forge reports comes from no address of the person's", async () => {
  const { tasks, log, did, newest } = await openWork();
  await tasks.create(newTask(1));
  await did("task.created", taskId(1), "203.0.113.9");
  const url = "https://github.com/o/r/pull/1";
  await log.append(taskId(1), 0, [{ type: "pull_request.changed", url, state: "merged" }]);
  expect(await newest()).toMatchObject({ action: "pull_request.changed", address: null });
});
