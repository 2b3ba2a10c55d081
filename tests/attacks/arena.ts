import { join } from "node:path";
import { CANARY, openWorld, type World } from "../e2e/support/world.ts";
import { type Agent, openAgent } from "./agent.ts";
import { settingsOf, startControl, type WithoutWall } from "./containers.ts";
import type { Engine, Ran } from "./engine.ts";
import { openInternet } from "./internet.ts";
import { openLiftedGateways } from "./lifted-gateway.ts";
import { openNaiveGateway } from "./naive-gateway.ts";
import { type NaiveMeter, openNaiveMeter } from "./naive-meter.ts";
import { openNaiveProxy } from "./naive-proxy.ts";
import { ALLOWED_HOSTS, type Names, openNames } from "./names.ts";
import { openTargets, type Targets } from "./targets.ts";

/** Where all attacks are played: a whole Farhand on the suite's engine, the targets, and the controls. */
export interface Arena extends AsyncDisposable {
  engine: Engine;
  targets: Targets;
  names: Names;
  world: World;
  /** The secrets that a sandbox must not hold, by name. */
  secrets: Record<string, string>;
  /** The hostile task that most attacks are made from. */
  agent: Agent;
  /** Another task of the same person, with a sandbox of its own. */
  other: Agent;
  /** A task whose tool never ends, begun with the suite: its limit takes its time. */
  endless: string;
  /** What counts model calls in the control of an attack on that. */
  naiveMeter: NaiveMeter;
  /** Where the coordinator listens: on the loopback of the suite's namespace. */
  coordinatorUrl: string;
  /** A folder on the host for the marks and the bait of attacks. */
  folder: string;
  /** Ends a thing with the arena. */
  keep<T extends AsyncDisposable>(thing: T): T;
  /** Runs a script in a container like the real sandbox without some wall. The same change uses the same container. */
  control(without: WithoutWall): Control;
}

export interface Control {
  container(): Promise<string>;
  run(script: string, options?: { user?: string; limitMs?: number }): Promise<Ran>;
}

/** What the sandboxes of the suite may use; small, so that filling them takes no time. */
export const LIMITS = {
  memoryMiB: 512,
  workspaceMiB: 64,
  eventsMiB: 12,
  egressMiB: 2,
  setupFiles: 5000,
  toolSeconds: 40,
} as const;

export async function openArena(engine: Engine, folder: string): Promise<Arena> {
  await using opening = new AsyncDisposableStack();
  const targets = opening.use(await openTargets());
  opening.use(await openNaiveGateway(folder));
  opening.use(await openNaiveProxy());
  opening.use(await openInternet((text) => targets.note("the internet", text)));
  const names = await openNames(folder);
  opening.use(await openLiftedGateways(folder));
  const world = opening.use(
    await openWorld({
      DOCKER_HOST: `unix://${engine.socketPath}`,
      FARHAND_WARM_SECONDS: "600",
      FARHAND_MAX_WORKERS: "16",
      FARHAND_WORKER_MEMORY_MIB: String(LIMITS.memoryMiB),
      FARHAND_WORKSPACE_MAX_MIB: String(LIMITS.workspaceMiB),
      FARHAND_SETUP_MAX_FILES: String(LIMITS.setupFiles),
      FARHAND_EVENTS_MAX_MIB: String(LIMITS.eventsMiB),
      FARHAND_EGRESS_MAX_MIB: String(LIMITS.egressMiB),
      FARHAND_EGRESS_MAX_UP_MIB: String(LIMITS.egressMiB),
      FARHAND_TOOL_TIMEOUT_SECONDS: String(LIMITS.toolSeconds),
      FARHAND_LOG_LEVEL: "debug",
    }),
  );
  const naiveMeter = opening.use(
    await openNaiveMeter(folder, { url: world.claude.url, apiKey: CANARY.modelKey }),
  );
  const owner = (await Bun.file(join(world.settings.FARHAND_DATA ?? "", "owner.token")).text()).trim();
  await world.client.setEgress({ ...USUAL_EGRESS, hosts: [...USUAL_EGRESS.hosts] });
  await Bun.write(join(folder, "host-file.txt"), "a file of the host\n");
  const [agent, other] = await Promise.all([openAgent(world, engine), openAgent(world, engine)]);
  const endless = await world.create({ prompt: "Do it. [scenario:attack-endless]" });
  const { announcement } = world.coordinator;
  if (announcement.event !== "listening") throw new Error(announcement.message);
  const sandbox = await settingsOf(engine, await agent.container());
  const controls = new Map<WithoutWall, Promise<string>>();
  const stack = opening.move();
  return {
    engine,
    targets,
    names,
    world,
    secrets: { ...CANARY, owner },
    agent,
    other,
    endless: endless.id,
    naiveMeter,
    coordinatorUrl: announcement.url,
    folder,
    keep: (thing) => stack.use(thing),
    control(without) {
      const container = () => {
        const known = controls.get(without) ?? startControl(engine, sandbox, without, folder);
        controls.set(without, known);
        return known;
      };
      return {
        container,
        run: async (script, options) => engine.exec(await container(), script, options),
      };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What the person lets tasks reach, but for attacks that are about another choice. */
export const USUAL_EGRESS = { mode: "list", hosts: ALLOWED_HOSTS } as const;
