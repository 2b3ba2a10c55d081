import type { EventPage, Task, TaskEvent } from "@farhand/protocol";

/** A message that a person sent, and what came back. */
export interface Sent {
  /** Unique in its task. */
  text: string;
  /** `refused`: the coordinator said no, so it must not show up anywhere. */
  outcome: "accepted" | "refused" | "unanswered";
  /** Null for the prompt, whose id nobody is told. */
  messageId: string | null;
  /** What it was changed to, where that was granted. */
  editedTo: string | null;
  wasWithdrawn: boolean;
}

/** What one client saw of a task. */
export interface PhoneRecord {
  name: string;
  /** Every event that following the task gave out, in that order. */
  seen: TaskEvent[];
  /** How often it was told to forget what it had. */
  resets: number;
  /** Why it gave up; null while it did not. */
  gaveUp: string | null;
  pages: { after: number; page: EventPage }[];
}

/** What the repositories hold of a task's work, as ids of trees. */
export interface WorkFacts {
  /** Of the branch that the work started from. */
  base: string;
  /** Of the task's branch at the forge; null where it has none. */
  published: string | null;
  /** The task's branch at the forge has commits of its own. */
  isAhead: boolean;
  /** Pull requests for the task's branch, open or not. */
  pullRequests: number;
  /** Of the checkpoint at each turn's end. */
  turns: ReadonlyMap<number, string>;
  /** Paths of files that were there at one moment of the work and gone at a later one. */
  lostFiles: string[];
}

/** All that is known of a task when the round is over. */
export interface TaskFacts {
  task: Task;
  /** The whole log. */
  events: TaskEvent[];
  /** Ids of the messages that wait. */
  waiting: string[];
  sent: Sent[];
  phones: PhoneRecord[];
  work: WorkFacts;
}

/** What is left on the machine; all empty when nothing is. */
export interface Leftovers {
  containers: string[];
  volumes: string[];
  sockets: string[];
  leases: string[];
  openAttempts: string[];
}

export const INVARIANTS = {
  I0: "The system stands up again and every task comes to rest",
  I1: "Every client's sequence is contiguous and equals the log",
  I2: "Every tool call has exactly one result",
  I3: "No message is lost or doubled",
  I4: "A task has one pull request when it has work, and never a second",
  I5: "The published branch holds what the last checkpoint holds, and no file of an earlier turn is lost",
  I6: "No container, volume, socket, lease or open attempt is left over",
  I7: "The state machine never left its arrows",
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  invariant: Invariant;
  message: string;
}
