import { type Prng, prng } from "./prng.ts";

/** Everything that the suite can do to a system. */
export const FAULTS = [
  "coordinator_killed",
  "coordinator_terminated",
  "worker_killed",
  "container_removed",
  "engine_killed",
  "model_overloaded",
  "model_rate_limited",
  "model_cut",
  "model_down",
  "forge_down",
  "socket_removed",
  "client_cut",
  "client_replay",
  "disk_full",
  "database_locked",
  "clock_jump",
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface PlannedFault {
  kind: FaultKind;
  /** It strikes when the round's tasks have logged so many events together. */
  afterEvents: number;
  /** And then so much later, so that it does not always follow an event at once. */
  delayMs: number;
  /** How long it lasts; how long the thing that was killed stays away. */
  holdMs: number;
  /** In [0, 1), for what can only be chosen when it strikes, such as the container. */
  detail: number;
}

/** When a person does something: after so many events of the task, or when its turn has ended. */
export type Moment = { at: "event"; seq: number } | { at: "rest" };

export type Step =
  /** Steers the turn that is under way, or starts the next one, whichever it is then. */
  | { act: "say"; text: string; when: Moment }
  /** Says something and takes it back, or changes it, if it still waits. */
  | { act: "say_and_withdraw" | "say_and_edit"; text: string; when: Moment }
  | { act: "stop" | "cancel"; when: Moment };

export interface PlannedTask {
  prompt: string;
  startAfterMs: number;
  /** In their order. */
  steps: Step[];
  /** Archived at the end, which ends its sandbox at once; otherwise the sandbox has to end by itself. */
  isArchived: boolean;
}

export interface Plan {
  seed: number;
  faults: PlannedFault[];
  tasks: PlannedTask[];
  /** How the engine starts again when it was killed: with its containers, or without. */
  liveRestore: boolean;
}

/** What one round does. The same seed gives the same plan; seeds in a row begin with each fault in turn. */
export function planOf(seed: number): Plan {
  const random = prng(seed);
  const first = FAULTS[seed % FAULTS.length] ?? FAULTS[0];
  const kinds = new Set<FaultKind>([first]);
  const count = random.pick([1, 1, 2, 2, 3]);
  while (kinds.size < count) kinds.add(random.pick(FAULTS));
  const tasks = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, (_, index) => task(random, index));
  return {
    seed,
    faults: [...kinds].map((kind) => ({
      kind,
      // Requests are doubled from the first one on.
      afterEvents: kind === "client_replay" ? 0 : random.int(1, 30 * tasks.length),
      delayMs: random.int(0, 250),
      holdMs: holdMs(kind, random),
      detail: random.next(),
    })),
    tasks,
    liveRestore: random.chance(0.5),
  };
}

function holdMs(kind: FaultKind, random: Prng): number {
  switch (kind) {
    case "database_locked":
      return random.int(1000, 3000);
    case "coordinator_killed":
    case "coordinator_terminated":
    case "clock_jump":
      return random.int(0, 600);
    case "worker_killed":
    case "container_removed":
    case "socket_removed":
      return 0;
    default:
      return random.int(300, 1800);
  }
}

function task(random: Prng, index: number): PlannedTask {
  let number = 0;
  const words = (scenario: string) => `Message ${index}-${number++}, please. ${scenario}`.trim();
  const prompt = words(
    random.pick(["many", "many", "many", "write"]) === "many" ? many(random) : write(random),
  );
  const steps: Step[] = [];
  const turns = random.pick([1, 1, 2, 2, 3]);
  for (let turn = 1; turn <= turns; turn += 1) {
    if (turn > 1) steps.push({ act: "say", text: words(work(random)), when: { at: "rest" } });
    steps.push(...meanwhile(random, words, turn));
  }
  return { prompt, startAfterMs: random.int(0, 400), steps, isArchived: random.chance(0.4) };
}

/** What a person does while a turn goes on. Most let it be. */
function meanwhile(random: Prng, words: (scenario: string) => string, turn: number): Step[] {
  const when: Moment = { at: "event", seq: turn * random.int(6, 30) };
  switch (
    random.pick(["nothing", "nothing", "steer", "steer", "queue", "withdraw", "edit", "stop", "cancel"])
  ) {
    case "steer":
      return [{ act: "say", text: words(random.chance(0.3) ? work(random) : ""), when }];
    case "queue":
      return [words(""), words(""), words("")].map((text) => ({ act: "say", text, when }));
    case "withdraw":
      return [{ act: "say_and_withdraw", text: words(""), when }];
    case "edit":
      return [{ act: "say_and_edit", text: words(""), when }];
    case "stop":
      return [{ act: "stop", when }];
    case "cancel":
      return random.chance(0.5) ? [{ act: "cancel", when }] : [];
    default:
      return [];
  }
}

function work(random: Prng): string {
  return random.pick([many, write, write, status])(random);
}

const many = (random: Prng) => `[scenario:many-steps file=STEPS-${random.int(1, 9)}.md]`;
const write = (random: Prng) =>
  `[scenario:write-file path=notes/${random.int(1, 9)}.md text=${random.int(1, 1_000_000)}]`;
const status = () => "[scenario:show-status]";
