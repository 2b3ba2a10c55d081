/** Talks to the Docker engine directly, past all code under test. */
const socket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");

export async function engine(method: string, path: string): Promise<Response> {
  return fetch(`http://docker${path}`, { method, unix: socket });
}

/** Set by `./farhand test` where no Docker can be had. */
export const noDocker = process.env.FARHAND_SANDBOX === "process";
if (noDocker)
  process.stdout.write(
    "Tests on real containers are skipped: no Docker engine can be used on this machine.\n",
  );

/** Ids of containers and names of volumes with the task's label, running or not. */
export async function containersOf(taskId: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`farhand.task=${taskId}`] }));
  const containers = (await (await engine("GET", `/containers/json?all=1&filters=${filters}`)).json()) as {
    Id: string;
  }[];
  const volumes = (await (await engine("GET", `/volumes?filters=${filters}`)).json()) as {
    Volumes: { Name: string }[] | null;
  };
  return [...containers.map(({ Id }) => Id), ...(volumes.Volumes ?? []).map(({ Name }) => Name)];
}
