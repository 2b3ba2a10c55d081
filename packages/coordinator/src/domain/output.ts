/** All that tools gave, where it is more than the log has of it. Text of agents: never a page, never run. */
export interface OutputKeeper {
  /** The first text of a call stays. False where there is no room for it. */
  keep(taskId: string, toolUseId: string, text: string): Promise<boolean>;
  /** Null where none was kept, or where it went with the task's files. */
  open(taskId: string, toolUseId: string): Promise<Blob | null>;
}
