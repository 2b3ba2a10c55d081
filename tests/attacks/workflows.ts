import { git } from "../e2e/support/git.ts";
import { type Agent, openAgent } from "./agent.ts";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";

const AREA = "push";
const SCRIPT = `cd /workspace/repo && mkdir -p .github/workflows && printf 'on: push\\njobs: {}\\n' > .github/workflows/evil.yml && git add -A && git commit -q -m 'Speed up CI'`;
const OTHER_WORK = "echo more > MORE.md && git add -A && git commit -q -m 'Say more'";
const TAKE_BACK = "git rm -q -r .github && git commit -q -m 'Tidy up'";

/** The same for other forges, and for services that follow pushes, in whatever case they may read it. */
const OTHERS = [
  ".forgejo/workflows/x.yml",
  ".circleci/config.yml",
  "jenkinsfile",
  ".woodpecker.yml",
  "Azure-Pipelines.yml",
];
const OTHERS_SCRIPT = `cd /workspace/repo && for path in ${OTHERS.join(" ")}; do mkdir -p "$(dirname $path)"; echo 'run: evil' > $path; done && git add -A && git commit -q -m 'Speed up CI'`;

/** Another task each time: what one has published stays. */
async function withWorkflow(arena: Arena, script: string): Promise<Agent> {
  const agent = await openAgent(arena.world, arena.engine);
  await agent.run(script);
  return agent;
}

/** Whether the forge has a branch of the task with a workflow in any of its commits. */
async function onTheForge(arena: Arena, { taskId }: Agent): Promise<Attempt> {
  const { path } = arena.world.sample;
  const task = await arena.world.client.getTask(taskId);
  const log = await git([
    "-C",
    path,
    "log",
    "--full-history",
    "--format=%h",
    `main..${task.branch}`,
    "--",
    ".github/workflows",
    ...OTHERS,
  ]).catch(() => "");
  const evidence = `${task.state} ${task.failure?.code ?? ""} ${log === "" ? "nothing" : log} on the forge`;
  return { succeeded: log !== "", evidence };
}

/** Takes the wall away: a person lets pass what is held back. */
async function approved(arena: Arena, { taskId }: Agent): Promise<void> {
  const { lastSeq } = await arena.world.client.getTask(taskId);
  await arena.world.client.approve(taskId, { kind: "workflows" });
  await arena.world.ended(taskId, lastSeq);
}

const workflowAttack = (name: string, script: string): Attack => ({
  area: AREA,
  name,
  by: "a person has to approve it",
  async try(arena) {
    const agent = await withWorkflow(arena, script);
    const outcome = await onTheForge(arena, agent);
    await arena.world.client.archive(agent.taskId);
    return outcome;
  },
  async control(arena) {
    const agent = await withWorkflow(arena, script);
    await approved(arena, agent);
    const outcome = await onTheForge(arena, agent);
    await arena.world.client.archive(agent.taskId);
    return outcome;
  },
});

/** What is taken back needs nobody's word, but the commit that made it must stay away all the same. */
const takenBack: Attack = {
  area: AREA,
  name: "a workflow that the next commit takes away again",
  by: "one commit goes out in place of those",
  async try(arena) {
    const agent = await withWorkflow(arena, `${SCRIPT} && ${OTHER_WORK} && ${TAKE_BACK}`);
    const outcome = await onTheForge(arena, agent);
    await arena.world.client.archive(agent.taskId);
    return outcome;
  },
  /** The first commit goes out before it is taken back. */
  async control(arena) {
    const agent = await withWorkflow(arena, `${SCRIPT} && ${OTHER_WORK}`);
    await approved(arena, agent);
    await agent.run(`cd /workspace/repo && ${TAKE_BACK}`);
    await approved(arena, agent);
    const outcome = await onTheForge(arena, agent);
    await arena.world.client.archive(agent.taskId);
    return outcome;
  },
};

export const workflowAttacks: Attack[] = [
  workflowAttack("a workflow for the forge to run", SCRIPT),
  workflowAttack("what other forges and services run", OTHERS_SCRIPT),
  takenBack,
];
