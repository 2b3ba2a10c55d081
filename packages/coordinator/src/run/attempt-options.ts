import type { Delta } from "@farhand/protocol";
import type { Clock, Forge, Repositories, SandboxDriver } from "../domain/ports.ts";
import type { AttemptStore, EventLog, Inbox, MessageStore, TaskStore } from "../domain/store.ts";
import type { Topic } from "../domain/topic.ts";
import type { Vault } from "../domain/vault.ts";
import type { Assignments } from "./assignments.ts";
import type { TimeLimits } from "./outcome.ts";

/** The lines that the supervisor writes about an attempt. */
export interface AttemptLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AttemptOptions {
  tasks: TaskStore;
  attempts: AttemptStore;
  log: EventLog;
  inbox: Inbox;
  messages: MessageStore;
  deltas: Topic<Delta>;
  repositories: Repositories;
  /** The forge of the task's repository, with its user's own key. Throws `FarhandError` where there can be none. */
  forgeOf(task: { userId: string; repository: string }): Promise<Forge>;
  vault: Pick<Vault, "repositorySecrets">;
  driver: SandboxDriver;
  gateway: {
    open(taskId: string): Promise<{ directory: string; socketName: string }>;
    /** A way to the network and nothing else, with a token of its own. */
    openSetup(
      taskId: string,
      attemptToken: string,
    ): Promise<{ directory: string; socketName: string; token: string } & AsyncDisposable>;
    close(taskId: string): Promise<void>;
  };
  assignments: Assignments;
  taskLog(taskId: string): { logger: AttemptLog; close(): void };
  /** Cuts the server's and the user's secrets out of a text: a remote may repeat a credential in what it says. */
  scrub(userId: string, text: string): string;
  newMessageId(): string;
  /** Called when the queue is worth a look: a task came back into it, or a sandbox rests or has ended. */
  onQueued(): void;
  onTurnEnded(taskId: string): void;
  /** Name of this coordinator, for leases. */
  owner: string;
  clock: Clock;
  limits: TimeLimits & {
    memoryBytes: number;
    cpus: number;
    pids: number;
    /** What a worker gets to end its turn by itself after it was told to stop. */
    workerGraceMs: number;
    toolTimeoutMs: number;
    modelRetries: number;
    checkpointMs: number;
    engineAwayMs: number;
    /** How long a sandbox rests after its turn, ready for the next; 0 ends it with the turn. */
    warmMs: number;
  };
}

/** A lease lasts this long unless it is renewed, which happens three times as often. */
export const LEASE_MS = 30_000;

export function leaseOf(options: { owner: string; clock: Clock }): { owner: string; untilMs: number } {
  return { owner: options.owner, untilMs: options.clock.now().getTime() + LEASE_MS };
}
