import { failure } from "../domain/failure.ts";
import type { Forge } from "../domain/ports.ts";
import type { Vault } from "../domain/vault.ts";
import { createGitHubForge, type GitHubForgeOptions } from "./github.ts";
import { createPlainForge } from "./plain.ts";
import { parseRepository, type RepositoryAddress } from "./repository-address.ts";

export interface UserForgesOptions {
  vault: Pick<Vault, "forgeKey">;
  /** The server's own GitHub, which every user may reach. */
  githubUrl: string;
  githubApiUrl: string;
  isOwner(userId: string): Promise<boolean>;
  /** The address to connect to for a URL; throws `address_refused` for one of the server's own networks. */
  publicAddressOf(url: string): Promise<string>;
  /** Connects to public addresses alone, and follows no redirect. */
  guardedFetch: NonNullable<GitHubForgeOptions["fetch"]>;
}

/**
 * The forge of a user's repository, with that user's own key: nobody works with another's. Beside the owner nobody may
 * name what only this machine can reach: its folders, its ssh keys, its networks.
 *
 * @returns a function that throws `FarhandError`: `invalid_request`, `address_refused`, `repository_needs_credential`
 */
export function createUserForges(options: UserForgesOptions) {
  const { vault, githubUrl, githubApiUrl } = options;
  const serversGitHub = { webUrl: githubUrl, apiUrl: githubApiUrl };

  return async function forgeOf(task: { userId: string; repository: string }): Promise<Forge> {
    const { userId, repository } = task;
    const address = parseRepository(repository);
    const isOwner = await options.isOwner(userId);
    if (address.kind === "path") {
      if (!isOwner) throw ownersOnly("A path on the server's own disk");
      return createPlainForge({ credential: null });
    }
    const host = address.scheme === "ssh" ? address.host.replace(/:\d+$/, "") : address.host;
    const onServers = createGitHubForge({ ...serversGitHub, token: null });
    const key = await vault.forgeKey(userId, onServers.hosts(repository) ? new URL(githubUrl).host : host);
    if (onServers.hosts(repository))
      return createGitHubForge({ ...serversGitHub, token: key?.purpose === "github" ? key.token : null });
    if (key?.purpose === "github") {
      const { baseUrl: webUrl, token } = key;
      const apiUrl = webUrl === "https://github.com" ? "https://api.github.com" : `${webUrl}/api/v3`;
      const forge = createGitHubForge({
        ...{ webUrl, apiUrl, token },
        ...(isOwner ? {} : { fetch: options.guardedFetch }),
      });
      if (forge.hosts(repository)) return isOwner ? forge : await pinned(forge, webUrl);
    }
    if (address.scheme === "ssh" && !isOwner)
      throw ownersOnly("An ssh address, for which the server's own key is used,");
    // Not to the same host by another scheme: there the token would travel in the clear.
    const isForOrigin = key !== null && originOf(address) === new URL(key.baseUrl).origin;
    const credential = isForOrigin ? { username: "oauth2", password: key.token } : null;
    const plain = createPlainForge({ credential });
    return isOwner ? plain : await pinned(plain, address.address);
  };

  /** The same forge, whose git goes to the address that was looked at. */
  async function pinned(forge: Forge, url: string): Promise<Forge> {
    const connectTo = await options.publicAddressOf(url);
    return { ...forge, remote: (repository) => ({ ...forge.remote(repository), connectTo }) };
  }
}

const originOf = (address: Extract<RepositoryAddress, { kind: "url" }>): string | null =>
  address.scheme === "ssh" ? null : new URL(address.address).origin;

function ownersOnly(what: string) {
  return failure(
    "invalid_request",
    `${what} is for the owner of this server alone.`,
    "Give the repository's https address, and add a key for its host with `farhand keys add`.",
  );
}
