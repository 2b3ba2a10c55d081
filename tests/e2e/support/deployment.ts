import { chmod, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine } from "./docker.ts";
import { testImages } from "./test-images.ts";

/** What `deploy/` holds, run with the Compose that this machine has. */
export interface Deployment {
  /** Through Caddy. */
  url: string;
  httpUrl: string;
  /** The authority that Caddy made for itself, in PEM. */
  ca: string;
  /** Host folder of the data, the same inside. */
  home: string;
  /** Runs a command in a service's container, as its first user, and gives what it prints. */
  inside(service: "coordinator" | "caddy", ...argv: string[]): Promise<string>;
  /** Its process, on this machine. */
  container(service: "coordinator" | "caddy"): Promise<ContainerFacts>;
  logs(service: "coordinator" | "caddy"): Promise<string>;
  compose(...argv: string[]): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ContainerFacts {
  Id: string;
  State: { Pid: number; Health?: { Status: string } };
  HostConfig: { Binds: string[] | null; PortBindings: Record<string, unknown> | null };
  Mounts: { Source: string; Destination: string }[];
}

const root = join(import.meta.dir, "../../..");

/** The Compose of this machine, by its command's words; null where there is none. */
export async function findCompose(): Promise<string[] | null> {
  for (const words of [["docker", "compose"], ["docker-compose"]]) {
    if (Bun.which(words[0] ?? "") === null) continue;
    const asked = Bun.spawn([...words, "version"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    if ((await asked.exited) === 0) return words;
  }
  return null;
}

/** @param settings for the file `deploy/.env` */
export async function startDeployment(
  composeWords: string[],
  settings: Record<string, string>,
): Promise<Deployment> {
  const images = await testImages(root);
  const folder = await mkdtemp(join(tmpdir(), "fh-deploy-"));
  const home = join(folder, "farhand");
  await mkdir(home);
  // A volume's path is open to everybody below /srv as well.
  await chmod(folder, 0o755);
  await cp(join(root, "deploy"), join(folder, "deploy"), { recursive: true });
  const project = `farhand-test-${crypto.randomUUID().slice(0, 8)}`;
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const environment: Record<string, string> = {
    FARHAND_DOMAIN: "localhost",
    FARHAND_HOME: home,
    FARHAND_IMAGE: images.coordinator,
    FARHAND_CADDY_IMAGE: images.proxies,
    FARHAND_HTTP_PORT: String(httpPort),
    FARHAND_HTTPS_PORT: String(httpsPort),
    FARHAND_SUBNET: "172.31.91.0/28",
    FARHAND_PROXY_ADDRESS: "172.31.91.2",
    FARHAND_COORDINATOR_ADDRESS: "172.31.91.3",
    ...settings,
  };
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await Bun.write(join(folder, "deploy", ".env"), lines.join(""));

  const compose = (...argv: string[]) =>
    run([...composeWords, "-p", project, "-f", "compose.yaml", ...argv], join(folder, "deploy"));
  const deployment: Deployment = {
    url: `https://localhost:${httpsPort}`,
    httpUrl: `http://localhost:${httpPort}`,
    ca: "",
    home,
    compose,
    inside: (service, ...argv) => compose("exec", "-T", service, ...argv),
    logs: (service) => compose("logs", "--no-color", service),
    async container(service) {
      const id = (await compose("ps", "-q", service)).trim();
      return (await (await engine("GET", `/containers/${id}/json`)).json()) as ContainerFacts;
    },
    async [Symbol.asyncDispose]() {
      await compose("stop", "--timeout", "15");
      // Its files belong to the container's user, whoever runs this test.
      const empty = ["--entrypoint", "sh", "coordinator", "-c", `rm -rf ${home}/*`];
      await compose("run", "--rm", "--no-deps", ...empty);
      await compose("down", "--volumes");
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await compose("up", "-d", "--no-build");
    deployment.ca = await until("Caddy's authority", async () =>
      deployment.inside("caddy", "cat", "/data/caddy/pki/authorities/local/root.crt").catch(() => null),
    );
    await until("an answer through Caddy", async () => {
      const answer = await fetch(`${deployment.url}/api/health/live`, { tls: { ca: deployment.ca } }).catch(
        () => null,
      );
      return answer?.ok ? true : null;
    });
    return deployment;
  } catch (error) {
    const logs = await compose("logs", "--no-color").catch(String);
    await deployment[Symbol.asyncDispose]();
    throw new Error(`the deployment did not start: ${error}\n${logs}`);
  }
}

/** An address of this machine that containers of every network can reach. */
export async function hostAddress(): Promise<string> {
  const bridge = (await (await engine("GET", "/networks/bridge")).json()) as {
    IPAM: { Config: { Gateway?: string; Subnet: string }[] };
  };
  const [config] = bridge.IPAM.Config;
  return config?.Gateway ?? config?.Subnet.replace(/\d+\/\d+$/, "1") ?? "172.17.0.1";
}

export async function run(
  argv: string[],
  cwd: string,
  environment: Record<string, string> = {},
): Promise<string> {
  const child = Bun.spawn(argv, {
    cwd,
    env: { ...process.env, ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, complaint, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${complaint}${out}`);
  return out;
}

/** Asks again until there is an answer, for at most two minutes. */
export async function until<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  for (let round = 0; round < 240; round += 1) {
    const answer = await ask();
    if (answer !== null) return answer;
    await Bun.sleep(500);
  }
  throw new Error(`${what} did not come`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
