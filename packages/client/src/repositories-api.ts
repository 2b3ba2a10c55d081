import type { BranchList, RepositoryList } from "@farhand/protocol";
import type { Rest } from "./rest.ts";

/** What there is to choose from before a task is made. */
export interface RepositoriesApi {
  /** Of the forges that you have a key for. A forge that fails is said so beside what the others list. */
  repositories(search?: string, signal?: AbortSignal): Promise<RepositoryList>;
  /** As the repository's remote tells them. */
  branches(repository: string, signal?: AbortSignal): Promise<BranchList>;
}

export function createRepositoriesApi(rest: Rest): RepositoriesApi {
  return {
    repositories: (search = "", signal) =>
      rest.read("RepositoryList", { path: "/api/repositories", query: { q: search }, signal }),
    branches: (repository, signal) =>
      rest.read("BranchList", { path: "/api/repositories/branches", query: { repository }, signal }),
  };
}
