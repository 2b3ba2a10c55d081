import { Database } from "bun:sqlite";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { EventPage, type TaskEvent, WaitingMessages } from "@farhand/protocol";
import { git } from "../e2e/support/git.ts";
import type { DrivenTask } from "./driver.ts";
import type { Leftovers, TaskFacts, WorkFacts } from "./facts.ts";
import { keptCommits } from "./kept-work.ts";
import type { System } from "./system.ts";

/** Reads everything that the invariants are about. The phones have stopped. */
export async function gather(system: System, driven: DrivenTask): Promise<TaskFacts> {
  const events = await wholeLog(system, driven.id);
  const task = await driven.task();
  const { body } = await system.api.read(`/api/tasks/${driven.id}/messages`);
  return {
    task,
    events,
    waiting: WaitingMessages.parse(body).messages.map(({ messageId }) => messageId),
    sent: driven.sent,
    phones: driven.phones.map(({ record }) => record),
    work: await workFacts(system, driven.id, task.branch, keptCommits(events)),
  };
}

export async function wholeLog(system: System, taskId: string): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for (;;) {
    const { body } = await system.api.read(`/api/tasks/${taskId}/events?after=${events.length}&limit=500`);
    const page = EventPage.parse(body);
    events.push(...page.events);
    if (page.events.length === 0) return events;
  }
}

const TURN_REF = /^refs\/farhand\/turns\/(\d+) ([0-9a-f]+)$/;

async function workFacts(
  system: System,
  taskId: string,
  branch: string,
  commits: readonly string[],
): Promise<WorkFacts> {
  const { path, pulls } = system.sample;
  const own = join(system.dataDirectory, "repos", "tasks", `${taskId}.git`);
  const refs = await git([
    "-C",
    own,
    "for-each-ref",
    "--format=%(refname) %(tree)",
    "refs/farhand/turns",
  ]).catch(
    // A task that never got so far has no repository.
    () => "",
  );
  const turns = refs.split("\n").flatMap((line): [number, string][] => {
    const [, turn, tree] = TURN_REF.exec(line) ?? [];
    return turn === undefined || tree === undefined ? [] : [[Number(turn), tree]];
  });
  const head = `refs/heads/${branch}`;
  const isThere = (await git(["-C", path, "for-each-ref", head])) !== "";
  return {
    base: await git(["-C", path, "rev-parse", "refs/heads/main^{tree}"]),
    published: isThere ? await git(["-C", path, "rev-parse", `${head}^{tree}`]) : null,
    isAhead: isThere && (await git(["-C", path, "rev-list", "--count", `refs/heads/main..${head}`])) !== "0",
    pullRequests: pulls.filter((pull) => pull.head === branch).length,
    turns: new Map(turns),
    lostFiles: await lostFiles(own, commits),
  };
}

async function lostFiles(repository: string, commits: readonly string[]): Promise<string[]> {
  const lost: string[] = [];
  for (const [index, later] of commits.entries()) {
    const earlier = commits[index - 1];
    if (earlier === undefined) continue;
    const gone = await git([
      "-C",
      repository,
      "diff",
      "--no-renames",
      "--diff-filter=D",
      "--name-only",
      earlier,
      later,
    ]);
    if (gone !== "")
      lost.push(
        ...gone.split("\n").map((path) => `${path} (${earlier.slice(0, 9)} to ${later.slice(0, 9)})`),
      );
  }
  return lost;
}

/** Looks past the coordinator at what it keeps on the machine and holds in its database. */
export async function leftoversOf(system: System): Promise<Leftovers> {
  const { engine } = system.ground;
  const folders = await readdir(join(system.dataDirectory, "run")).catch(() => []);
  const database = new Database(system.databasePath, { readonly: true });
  try {
    database.run("PRAGMA busy_timeout = 2000");
    const leases = database
      .query<{ id: string }, []>("SELECT id FROM tasks WHERE lease_owner IS NOT NULL")
      .all();
    const attempts = database
      .query<{ task_id: string; attempt: number }, []>(
        "SELECT task_id, attempt FROM attempts WHERE ended_at IS NULL",
      )
      .all();
    return {
      containers: (await engine.containers()).map(({ id, taskId }) => `${id.slice(0, 12)} of ${taskId}`),
      volumes: await engine.volumes(),
      sockets: folders.filter((name) => name.startsWith("t_")),
      leases: leases.map(({ id }) => id),
      openAttempts: attempts.map(({ task_id, attempt }) => `${task_id} attempt ${attempt}`),
    };
  } finally {
    database.close();
  }
}
