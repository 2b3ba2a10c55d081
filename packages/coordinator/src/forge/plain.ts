import type { Forge } from "../domain/ports.ts";

/** Any git remote: the branch is pushed to it and that is all. Its credentials are the machine's own. */
export function createPlainForge(): Forge {
  return {
    kind: "plain",
    hosts: () => true,
    remote: (repository) => ({ url: repository, credential: null }),
    openPullRequest: async () => null,
  };
}
