import type { EventBody } from "@farhand/protocol";
import type { Forge, PreparedRepository, Repositories } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";

/**
 * Puts the finished work on the forge: the branch first, then the pull request. Both can be repeated without a
 * second branch or pull request. Does nothing when the agent changed nothing.
 */
export async function publishWork(work: {
  task: TaskRecord;
  base: PreparedRepository;
  forge: Forge;
  repositories: Repositories;
  append: (body: EventBody) => Promise<unknown>;
}): Promise<void> {
  const { task, base, forge, repositories } = work;
  const commit = await repositories.tip(task.id, task.branch);
  if (!commit || commit === base.baseCommit) return;
  const stats = await repositories.stats(task.id, base.baseCommit, commit);
  await repositories.publish(task.id, task.branch, forge.remote(task.repository));
  await work.append({ type: "branch.published", branch: task.branch, commit, ...stats });
  const pullRequest = await forge.openPullRequest({
    repository: task.repository,
    head: task.branch,
    base: base.baseBranch,
    title: task.title ?? task.branch,
    body: pullRequestBody(task),
  });
  if (pullRequest) await work.append({ type: "pull_request.opened", ...pullRequest });
}

function pullRequestBody(task: TaskRecord): string {
  const prompt = task.prompt.length > 2000 ? `${task.prompt.slice(0, 2000)}…` : task.prompt;
  const quoted = prompt.replace(/^/gm, "> ");
  return `${task.summary ?? ""}\n\n---\n\nAsked of Farhand (task \`${task.id}\`, ${task.model}):\n\n${quoted}\n`;
}
