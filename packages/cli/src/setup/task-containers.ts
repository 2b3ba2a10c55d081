import type Docker from "dockerode";

/** Label that the Docker driver puts on every container of a task. */
const TASK_LABEL = "farhand.task";

/** Ids of all containers of a task that the engine knows, ended ones too. */
export async function findContainers(docker: Docker, taskId: string): Promise<string[]> {
  const containers = await docker.listContainers({
    all: true,
    filters: { label: [`${TASK_LABEL}=${taskId}`] },
  });
  return containers.map(({ Id }) => Id);
}
