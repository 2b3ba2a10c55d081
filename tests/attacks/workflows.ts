import { git } from "../e2e/support/git.ts";
import { type Agent, openAgent } from "./agent.ts";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";

const AREA = "push";
const SCRIPT = `cd /workspace/repo && mkdir -p .github/workflows && printf 'on: push\\njobs: {}\\n' > .github/workflows/evil.yml && git add -A && git commit -q -m 'Speed up CI'`;

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
    "--format=%h",
    `main..${task.branch}`,
    "--",
    ".github/workflows",
    ...OTHERS,
  ]).catch(() => "");
  const evidence = `${task.state} ${task.failure?.code ?? ""} ${log === "" ? "nothing" : log} on the forge`;
  return { succeeded: log !== "", evidence };
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
    const { lastSeq } = await arena.world.client.getTask(agent.taskId);
    await arena.world.client.approve(agent.taskId, { kind: "workflows" });
    await arena.world.ended(agent.taskId, lastSeq);
    const outcome = await onTheForge(arena, agent);
    await arena.world.client.archive(agent.taskId);
    return outcome;
  },
});

export const workflowAttacks: Attack[] = [
  workflowAttack("a workflow for the forge to run", SCRIPT),
  workflowAttack("what other forges and services run", OTHERS_SCRIPT),
  workflowAttack(
    "a workflow that the next commit takes away again",
    `${SCRIPT} && git rm -q -r .github && git commit -q -m 'Tidy up'`,
  ),
];
