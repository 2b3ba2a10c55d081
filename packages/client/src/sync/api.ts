import type { Problem, Task } from "@farhand/protocol";
import type { DeviceAttachments } from "../attachments/attachments.ts";
import type { Backoff } from "../backoff.ts";
import type { DeviceCache } from "../cache/device-cache.ts";
import type { Drafts } from "../drafts/api.ts";
import type { LocalStore } from "../local/local-store.ts";
import type { Tabs } from "../local/tabs.ts";
import type { Outbox } from "../outbox/api.ts";
import type { RestApi } from "../rest-api.ts";
import type { TokenSource } from "../token-source.ts";
import type { TaskView } from "../view/task-view.ts";
import type { Observable } from "./observable.ts";

/** What the connection sheet shows. */
export interface ConnectionState {
  /** `offline`: it waits for its next try. `refused`: no try will help until somebody does something. */
  status: "stopped" | "connecting" | "live" | "offline" | "refused";
  baseUrl: string;
  /** Null until the server was asked. */
  serverVersion: string | null;
  /** From a ping to its pong; null until there was one. */
  latencyMs: number | null;
  /** Epoch milliseconds of the last sign of life. */
  lastHeardAtMs: number | null;
  /**
   * The last event that came, of whatever task, as of the last sign of life: state that changed with every event would draw
   * the whole app anew. `nudge()` asks for a sign at once.
   */
  lastEvent: { taskId: string; seq: number } | null;
  /** Commands that the server does not have yet. */
  outboxDepth: number;
  /** Epoch milliseconds; null where no try is planned. */
  nextRetryAtMs: number | null;
  /** Tries in a row that brought nothing. */
  failures: number;
  /** Why it is refused, or why the last try failed. */
  problem: Problem | null;
}

export interface Connection extends Observable<ConnectionState> {
  /** The app came to the foreground, or the network changed: looks whether the connection lives, or tries at once. */
  nudge(): void;
  /** Tries at once, also after a refusal. */
  retryNow(): void;
}

export interface TaskListState {
  /** Newest first. */
  tasks: readonly Task[];
  /** `local`: from this device, perhaps old; `live`: as the server has it. */
  status: "loading" | "local" | "live";
}

export interface OpenTaskState {
  taskId: string;
  /** The task's row in the list; null until it is known. */
  task: Task | null;
  view: TaskView;
  /**
   * `loading`: the device is being read; `local`: what it has is here, perhaps nothing; `syncing`: more is on its way; `live`:
   * all is here; `gone`: the server has no such task.
   */
  status: "loading" | "local" | "syncing" | "live" | "gone";
  /** After a time offline: what came since. Null once it was dismissed, and where nothing came. */
  caughtUp: { events: number } | null;
  problem: Problem | null;
}

export interface OpenTask extends Observable<OpenTaskState> {
  readonly taskId: string;
  dismissCaughtUp(): void;
  /** The screen is gone. Call it once. */
  release(): void;
}

/** What has come since this device was last connected, of all tasks: "caught up: 12 events". */
export interface CaughtUp {
  events: number;
  tasks: number;
}

/** All of one server on one device. Every part can be read before the server answers. */
export interface ServerStore {
  readonly baseUrl: string;
  readonly connection: Connection;
  readonly tasks: Observable<TaskListState>;
  readonly caughtUp: Observable<CaughtUp | null>;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  /** Photos and files that drafts and the outbox name. */
  readonly attachments: DeviceAttachments;
  /** For what needs no outbox: files, diffs, settings, keys, costs. Asks the server, so it needs a connection. */
  readonly client: RestApi;
  /** What was read with `client` and is to be there without a connection. Gone after signing out. */
  readonly cache: DeviceCache;
  /** Follows the task from now on. Opened twice, it is the same one underneath. */
  openTask(taskId: string): OpenTask;
  /**
   * The task is in front of somebody: as long as it is, this device is not notified of it. The newest one counts.
   * @returns ends it
   */
  look(taskId: string): () => void;
  dismissCaughtUp(): void;
  /** Shorthand for the connection's and the outbox's. */
  nudge(): void;
  /**
   * Nudges, and asks for the list of tasks anew.
   * @returns whether the server has answered; without a connection it is not asked
   */
  refresh(): Promise<boolean>;
  /** Resolves when all that was heard and written is on the device. */
  settled(): Promise<void>;
  /** Ends the connection and the store. What was not sent stays on the device. */
  close(): Promise<void>;
  /**
   * Removes all that this device keeps of the server: signing out. It also happens by itself when somebody else turns out
   * to be signed in.
   */
  forget(): Promise<void>;
}

export interface ServerOptions {
  /** Such as `https://farhand.example.com`, without a path. */
  baseUrl: string;
  /** As for `createAppClient`: null in the web page that the server itself serves. */
  token: string | TokenSource | null;
  local: LocalStore;
  /** `oneTab()` where it is left out. */
  tabs?: Tabs;
  /** Makes random UUIDs; give one where there is no Web Crypto, as on React Native. */
  newId?: () => string;
  /** Epoch milliseconds. */
  now?: () => number;
  backoff?: Backoff;
  /** 20 s where it is left out. */
  pingIntervalMs?: number;
  /** How long events are gathered before a task's view changes: one frame of 60 a second where it is left out. */
  gatherMs?: number;
  /** What went wrong and nobody waits for, such as a device's store that is full. Logged to nobody by default. */
  onError?: (error: unknown) => void;
}
