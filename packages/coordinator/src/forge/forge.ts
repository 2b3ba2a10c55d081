import type { Forge } from "../domain/ports.ts";

export { parseRepository, type RepositoryAddress } from "./repository-address.ts";

/**
 * The first forge that hosts the repository. Let one that hosts everything come last.
 * @param repository a normalised address, from `parseRepository`.
 */
export function chooseForge(forges: readonly Forge[], repository: string): Forge {
  const forge = forges.find((candidate) => candidate.hosts(repository));
  if (forge === undefined) throw new Error(`no forge hosts ${repository}`);
  return forge;
}
