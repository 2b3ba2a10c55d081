import type { BranchList, RepositoryList } from "@farhand/protocol";

/** What there is to choose from before a task is made. */
export interface RepositoryLister {
  /** Of every forge that the user has a key for. One that fails is said so, and hides no other. */
  repositories(userId: string, search: string): Promise<RepositoryList>;
  /** Throws as the forge does: `invalid_request`, `address_refused`, `repository_*`. */
  branches(userId: string, repository: string, signal: AbortSignal): Promise<BranchList>;
}
