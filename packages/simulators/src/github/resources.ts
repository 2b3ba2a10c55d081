import { diffStat, tipOf } from "./git.ts";
import { mayWrite, type PullRequest, type Repository } from "./store.ts";

/** Writes GitHub's resources, with the fields that clients read. */
export class Resources {
  /** Base URLs of pages and of the REST API. */
  readonly #web: string;
  readonly #api: string;

  constructor(web: string, api: string) {
    this.#web = web;
    this.#api = api;
  }

  user(login: string): object {
    return {
      login,
      id: stableId(login),
      node_id: nodeId("User", login),
      avatar_url: `${this.#web}/avatars/${login}`,
      url: `${this.#api}/users/${login}`,
      html_url: `${this.#web}/${login}`,
      type: "User",
      site_admin: false,
    };
  }

  repository(repository: Repository, login: string | null): object {
    const full = `${repository.owner}/${repository.name}`;
    const write = mayWrite(repository, login);
    return {
      id: repository.id,
      node_id: nodeId("Repository", full),
      name: repository.name,
      full_name: full,
      private: repository.private,
      visibility: repository.private ? "private" : "public",
      owner: this.user(repository.owner),
      html_url: `${this.#web}/${full}`,
      url: `${this.#api}/repos/${full}`,
      clone_url: `${this.#web}/${full}.git`,
      default_branch: repository.defaultBranch,
      fork: false,
      archived: false,
      disabled: false,
      description: null,
      created_at: timestamp(repository.createdAt),
      pushed_at: timestamp(repository.pushedAt),
      ...(login === null
        ? {}
        : {
            permissions: {
              admin: repository.owner === login,
              maintain: write,
              push: write,
              triage: write,
              pull: true,
            },
          }),
    };
  }

  branch(repository: Repository, branch: { name: string; sha: string }): object {
    const url = `${this.#api}/repos/${repository.owner}/${repository.name}`;
    return {
      name: branch.name,
      commit: { sha: branch.sha, url: `${url}/commits/${branch.sha}` },
      protected: repository.protectedBranches.includes(branch.name),
    };
  }

  pullUrl(repository: Repository, number: number): string {
    return `${this.#web}/${repository.owner}/${repository.name}/pull/${number}`;
  }

  async pull(repository: Repository, pull: PullRequest, login: string | null): Promise<object> {
    const url = `${this.#api}/repos/${repository.owner}/${repository.name}/pulls/${pull.number}`;
    const end = (ref: string, sha: string) => ({
      label: `${repository.owner}:${ref}`,
      ref,
      sha,
      user: this.user(repository.owner),
      repo: this.repository(repository, login),
    });
    const headSha = (await tipOf(repository.path, pull.head)) ?? pull.headSha;
    const baseSha = (await tipOf(repository.path, pull.base)) ?? pull.baseSha;
    const stat = await diffStat(repository.path, baseSha, headSha);
    return {
      id: stableId(url),
      node_id: nodeId("PullRequest", url),
      url,
      html_url: this.pullUrl(repository, pull.number),
      number: pull.number,
      state: pull.state,
      locked: false,
      title: pull.title,
      body: pull.body,
      user: this.user(pull.author),
      draft: pull.draft,
      head: end(pull.head, headSha),
      base: end(pull.base, baseSha),
      merged: false,
      merged_at: null,
      mergeable: true,
      additions: stat.additions,
      deletions: stat.deletions,
      changed_files: stat.changedFiles,
      created_at: timestamp(pull.createdAt),
      updated_at: timestamp(pull.updatedAt),
      closed_at: pull.closedAt && timestamp(pull.closedAt),
    };
  }
}

function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, "Z");
}

function stableId(text: string): number {
  return Number(Bun.hash.crc32(text));
}

function nodeId(kind: string, text: string): string {
  return Buffer.from(`${kind}:${text}`).toString("base64url");
}
