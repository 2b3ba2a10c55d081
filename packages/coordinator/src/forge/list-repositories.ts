import {
  type ForgeAnswer,
  type ForgeRepository,
  REPOSITORIES_MAX,
  type RepositoryList,
} from "@farhand/protocol";
import { z } from "zod";
import { FarhandError } from "../domain/failure.ts";
import type { RepositoryLister } from "../domain/forge-list.ts";
import type { Forge, Repositories } from "../domain/ports.ts";
import type { ForgeAccess } from "../domain/vault.ts";

/** How long one answer of a forge may take: somebody looks at an empty list meanwhile. */
const REQUEST_TIMEOUT_MS = 10_000;
/** A page of a hundred repositories takes some 600 kB of a forge that tells everything. */
const PAGE_MAX_BYTES = 8 * 1024 * 1024;
const PER_PAGE = 100;
/** A person types, and asks with every letter. */
const KEPT_MS = 60_000;
const KEPT_LISTS = 200;
const REASON_MAX = 200;

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ListerOptions {
  /** The forges that a user has a key for, with the key. */
  accessOf(userId: string): Promise<ForgeAccess[]>;
  /** Connects to public addresses alone, and follows no redirect. */
  guardedFetch: Fetch;
  forgeOf(task: { userId: string; repository: string }): Promise<Forge>;
  branchesOf: Repositories["branches"];
  now(): number;
}

interface Listed {
  repositories: ForgeRepository[];
  hasMore: boolean;
}

// What else a forge tells is left out: these are other people's interfaces, and grow.
const GitHubPage = z.array(
  z.object({
    full_name: z.string().max(400),
    clone_url: z.url({ protocol: /^https?$/ }).max(2048),
    private: z.boolean(),
    default_branch: z.string().max(400).nullish(),
    archived: z.boolean().optional(),
  }),
);
const GitLabPage = z.array(
  z.object({
    path_with_namespace: z.string().max(400),
    http_url_to_repo: z.url({ protocol: /^https?$/ }).max(2048),
    visibility: z.string().optional(),
    default_branch: z.string().max(400).nullish(),
    archived: z.boolean().optional(),
  }),
);

/** Lists repositories of forges by the user's own keys, and keeps what was listed for a minute. */
export function createRepositoryLister(options: ListerOptions): RepositoryLister {
  const kept = new Map<string, { untilMs: number; listed: Promise<Listed> }>();

  /** Who asks for the same meanwhile waits for the same answer. A failure is not kept. */
  function remembered(key: string, list: () => Promise<Listed>): Promise<Listed> {
    const now = options.now();
    const known = kept.get(key);
    if (known && known.untilMs > now) return known.listed;
    const listed = list();
    kept.delete(key);
    kept.set(key, { untilMs: now + KEPT_MS, listed });
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_LISTS) break;
      kept.delete(oldest);
    }
    listed.catch(() => {
      if (kept.get(key)?.listed === listed) kept.delete(key);
    });
    return listed;
  }

  async function listOf(userId: string, access: ForgeAccess, search: string): Promise<Listed> {
    const place = `${userId} ${access.keyId} ${access.baseUrl}`;
    // GitHub has no search among one's own: its list is fetched, and searched here.
    return access.purpose === "github"
      ? remembered(place, () => listGitHub(access))
      : remembered(`${place} ${search}`, () => listGitLab(access, search));
  }

  async function listGitHub(access: ForgeAccess): Promise<Listed> {
    const repositories: ForgeRepository[] = [];
    for (let page = 1; ; page++) {
      const query = `sort=pushed&direction=desc&per_page=${PER_PAGE}&page=${page}`;
      const { body, headers } = await ask(access, `/user/repos?${query}`);
      const found = parsed(GitHubPage, body, access);
      for (const it of found)
        if (!it.archived)
          repositories.push({
            address: it.clone_url,
            name: it.full_name,
            host: hostOf(access),
            isPrivate: it.private,
            defaultBranch: it.default_branch ?? null,
          });
      const hasNext = /rel="next"/.test(headers.get("link") ?? "");
      if (!hasNext || page * PER_PAGE >= REPOSITORIES_MAX) return { repositories, hasMore: hasNext };
    }
  }

  async function listGitLab(access: ForgeAccess, search: string): Promise<Listed> {
    const query = new URLSearchParams({
      membership: "true",
      archived: "false",
      order_by: "last_activity_at",
      per_page: String(PER_PAGE),
      ...(search === "" ? {} : { search, search_namespaces: "true" }),
    });
    const { body, headers } = await ask(access, `/api/v4/projects?${query}`);
    const repositories = parsed(GitLabPage, body, access).map((it) => ({
      address: it.http_url_to_repo,
      name: it.path_with_namespace,
      host: hostOf(access),
      isPrivate: it.visibility !== "public",
      defaultBranch: it.default_branch ?? null,
    }));
    return { repositories, hasMore: (headers.get("x-next-page") ?? "") !== "" };
  }

  async function ask(access: ForgeAccess, path: string): Promise<{ body: unknown; headers: Headers }> {
    const { apiUrl, token, purpose, isTrusted } = access;
    const response = await (isTrusted ? fetch : options.guardedFetch)(`${apiUrl}${path}`, {
      headers: {
        accept: "application/json",
        "user-agent": "farhand",
        ...(purpose === "github" ? { authorization: `Bearer ${token}` } : { "private-token": token }),
      },
      // A token does not follow where a forge leads.
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await textOf(response, access);
    if (response.status === 401 || response.status === 403)
      throw new ForgeTrouble(`${hostOf(access)} does not take your key. Look at it in the settings.`);
    if (!response.ok) throw new ForgeTrouble(`${hostOf(access)} answered with status ${response.status}.`);
    try {
      return { body: JSON.parse(text), headers: response.headers };
    } catch {
      throw notAsExpected(access);
    }
  }

  async function repositories(userId: string, search: string): Promise<RepositoryList> {
    const wanted = search.trim().toLowerCase();
    const answers = await Promise.all(
      (await options.accessOf(userId)).map(
        async (access): Promise<{ answer: ForgeAnswer; found: ForgeRepository[] }> => {
          const forge = { host: hostOf(access), purpose: access.purpose };
          try {
            const { repositories, hasMore } = await listOf(userId, access, wanted);
            const found = repositories.filter(({ name }) => name.toLowerCase().includes(wanted));
            return { answer: { ...forge, status: "ok", message: null, hasMore }, found };
          } catch (error) {
            return {
              answer: { ...forge, status: "failed", message: sentence(error, access), hasMore: false },
              found: [],
            };
          }
        },
      ),
    );
    return {
      repositories: answers.flatMap(({ found }) => found),
      forges: answers.map(({ answer }) => answer),
    };
  }

  return {
    repositories,
    branches: async (userId, repository, signal) =>
      options.branchesOf((await options.forgeOf({ userId, repository })).remote(repository), signal),
  };
}

const hostOf = ({ baseUrl }: ForgeAccess): string => new URL(baseUrl).host;

/** Something that can be told to a person as it is. */
class ForgeTrouble extends Error {
  override readonly name = "ForgeTrouble";
}

const notAsExpected = (access: ForgeAccess) =>
  new ForgeTrouble(`${hostOf(access)} answered in a way that Farhand does not understand.`);

function parsed<T>(schema: z.ZodType<T>, body: unknown, access: ForgeAccess): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw notAsExpected(access);
}

async function textOf(response: Response, access: ForgeAccess): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > PAGE_MAX_BYTES) throw notAsExpected(access);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function sentence(error: unknown, access: ForgeAccess): string {
  if (error instanceof ForgeTrouble) return error.message;
  if (error instanceof FarhandError) return error.message;
  const isLate = error instanceof Error && error.name === "TimeoutError";
  const why = isLate
    ? `it did not answer in ${REQUEST_TIMEOUT_MS / 1000} seconds`
    : (error instanceof Error ? error.message : String(error)).replaceAll(access.token, "[redacted]");
  return `${hostOf(access)} cannot be reached: ${why.replace(/\s+/g, " ").slice(0, REASON_MAX)}.`;
}
