import type { Forge, Remote } from "../domain/ports.ts";

/** Any git remote: the branch is pushed to it and that is all. Without a credential those of the machine count, over ssh. */
export function createPlainForge({ credential }: Pick<Remote, "credential">): Forge {
  return {
    kind: "plain",
    hosts: () => true,
    remote: (repository) => ({ url: repository, credential }),
    openPullRequest: async () => null,
  };
}
