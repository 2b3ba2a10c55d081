import { join } from "node:path";
import { createGateway, type GatewayOptions, type GatewayPorts } from "@farhand/gateway";
import { decideEgress } from "../../packages/coordinator/src/domain/egress.ts";
import { command } from "../faults/command.ts";
import type { WithoutWall } from "./containers.ts";
import { NAIVE_TOKEN } from "./naive-gateway.ts";
import { ALLOWED_HOSTS } from "./names.ts";

const ANY = Number.MAX_SAFE_INTEGER;
const TASK = "t_01j9z3k4m5n6p7q8r9s0t1v2w3";

type Lift = Pick<GatewayOptions, "doorCaps" | "egressCaps" | "egressDial"> & { mode?: "list" | "all" };

/** The real gateway, each time with the one bound lifted that an attack is about. */
const LIFTED = {
  connections: { doorCaps: { maxConnections: 2000 } },
  git: { doorCaps: { maxGitCalls: 2000, maxConnections: 2000 } },
  memory: { doorCaps: { pushMemoryBytes: 4 * 1024 ** 3 } },
  bytes: { egressCaps: { maxUpBytes: ANY, maxDownBytes: ANY } },
  "egress-connections": { doorCaps: { maxConnections: 2000 }, egressCaps: { maxConnections: 2000 } },
  // Shorter than its five minutes, which the suite has no time for.
  "idle-second": { egressCaps: { idleMs: 1_000 } },
  idle: {},
  addresses: { egressDial: { mayReach: () => true } },
  policy: { mode: "all" },
  "policy-and-addresses": { mode: "all", egressDial: { mayReach: () => true } },
} as const satisfies Record<string, Lift>;

export type Lifted = keyof typeof LIFTED;

const folderOf = (folder: string, name: Lifted) => join(folder, "lifted", name);
/** The repository that all of them serve. */
export const liftedRepository = (folder: string) => join(folder, "lifted", "task.git");

const known = new Map<Lifted, WithoutWall>();

/** The sockets of such a gateway in the place of the real one's. */
export function throughLifted(name: Lifted): WithoutWall {
  const made = known.get(name);
  if (made !== undefined) return made;
  const change: WithoutWall = (settings, folder) => {
    settings.Env = [`FARHAND_ATTEMPT_TOKEN=${NAIVE_TOKEN}`];
    const Source = join(folderOf(folder, name), TASK);
    settings.HostConfig.Mounts = [
      ...(settings.HostConfig.Mounts ?? []),
      { Type: "bind", Source, Target: "/run/farhand", ReadOnly: true },
    ];
  };
  known.set(name, change);
  return change;
}

export async function openLiftedGateways(folder: string): Promise<AsyncDisposable> {
  await command("git", "init", "--quiet", "--bare", liftedRepository(folder));
  const gateways = await Promise.all(
    Object.entries<Lift>(LIFTED).map(async ([name, { mode = "list", ...options }]) => {
      const runDirectory = folderOf(folder, name as Lifted);
      const gateway = createGateway({ ports: portsOf(folder, mode), runDirectory, ...options });
      await gateway.open(TASK);
      return gateway;
    }),
  );
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
    },
  };
}

/** A coordinator that knows one attempt, and no model. */
function portsOf(folder: string, mode: "list" | "all"): GatewayPorts {
  const nobody = () => Promise.reject(new Error("this gateway of a control has no coordinator"));
  return {
    claim: async (taskId, token) =>
      token === NAIVE_TOKEN
        ? { status: "current", claim: { taskId, attempt: 1 }, isResting: false }
        : { status: "unknown" },
    assignment: nobody,
    append: nobody,
    take: nobody,
    mayAsk: nobody,
    answer: nobody,
    attachment: nobody,
    keepOutput: nobody,
    wantsEnd: async () => false,
    upstream: async () => null,
    used: async () => undefined,
    reportedTooMuch: () => undefined,
    delta: () => undefined,
    inbox: (_claim, _after, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve([]), { once: true })),
    egress: async () => ({
      mode,
      turn: 1,
      decide: (target) => decideEgress({ mode, hosts: ALLOWED_HOSTS }, target),
    }),
    egressRefused: async () => undefined,
    repository: async () => ({
      path: liftedRepository(folder),
      branch: "farhand/task",
      turn: 1,
      roomBytes: async () => ANY,
    }),
  };
}
