import type { Attachments } from "./attachments.ts";
import type { Saved } from "./checkpoints.ts";
import type { GatewayClient } from "./gateway-client.ts";
import type { Reporter } from "./reporter.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** Loads the agent with the SDK, which is half of the program, while the repository is being cloned. */
export async function loadAgent() {
  const [{ AgentLoop }, { modelClient }] = await Promise.all([
    import("./agent-loop.ts"),
    import("./model-client.ts"),
  ]);
  return { AgentLoop, modelClient };
}

/** What one process has for all its turns. */
export interface TurnContext {
  readonly options: WorkerOptions;
  readonly gateway: GatewayClient;
  readonly reporter: Reporter;
  /** URL of the task's repository, for git. */
  readonly repositoryUrl: string;
  /** The way out to the network. */
  readonly proxyUrl: string;
  /** The agent's home folder. */
  readonly home: string;
  /** What people have attached, and the folder of its files. */
  readonly attachments: Attachments;
  readonly attachmentsDirectory: string;
  readonly agent: ReturnType<typeof loadAgent>;
  /** What a turn leaves behind for the next. */
  readonly kept: Kept;
}

export interface Kept {
  /** The last saved state of the clone; null until there is a whole one. */
  saved: Saved | null;
  /** The model's standing instructions, the same in every turn. */
  system: string | null;
}
