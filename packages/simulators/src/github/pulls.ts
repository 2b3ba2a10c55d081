import { z } from "zod";
import { commitsAhead, tipOf } from "./git.ts";
import { GitHubError, validationFailed } from "./github-error.ts";
import type { PullRequest, Repository } from "./store.ts";

const CREATE = "/pulls/pulls#create-a-pull-request";
const UPDATE = "/pulls/pulls#update-a-pull-request";

const CreateBody = z.object({
  title: z.string().optional(),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
});

/** Opens a pull request, or refuses in the words of the real service. */
export async function openPull(repository: Repository, body: unknown, author: string): Promise<PullRequest> {
  const wanted = parsed(CreateBody, body, CREATE);
  const head = branchOf(wanted.head, repository.owner);
  const headSha = head === null ? null : await tipOf(repository.path, head);
  const baseSha = await tipOf(repository.path, wanted.base);
  const wrong: object[] = [];
  if (wanted.title === undefined || wanted.title.trim() === "") {
    wrong.push({ resource: "PullRequest", code: "missing_field", field: "title" });
  }
  if (baseSha === null) wrong.push({ resource: "PullRequest", field: "base", code: "invalid" });
  if (headSha === null) wrong.push({ resource: "PullRequest", field: "head", code: "invalid" });
  if (wrong.length > 0 || head === null || headSha === null || baseSha === null)
    throw validationFailed(CREATE, ...wrong);
  refuseDuplicate(repository, head, wanted.base, CREATE);
  if ((await commitsAhead(repository.path, baseSha, headSha)) === 0) {
    throw custom(CREATE, `No commits between ${wanted.base} and ${head}`);
  }
  const now = new Date();
  const pull: PullRequest = {
    number: repository.pulls.length + 1,
    title: wanted.title ?? "",
    body: wanted.body ?? null,
    author,
    state: "open",
    draft: wanted.draft ?? false,
    head,
    base: wanted.base,
    headSha,
    baseSha,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
  };
  // Nothing may come between the last look and this: two requests at once must not both succeed.
  refuseDuplicate(repository, head, wanted.base, CREATE);
  repository.pulls.push(pull);
  return pull;
}

const UpdateBody = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]).optional(),
  base: z.string().optional(),
});

export async function updatePull(repository: Repository, pull: PullRequest, body: unknown): Promise<void> {
  const wanted = parsed(UpdateBody, body, UPDATE);
  if (wanted.base !== undefined && (await tipOf(repository.path, wanted.base)) === null) {
    throw validationFailed(UPDATE, { resource: "PullRequest", field: "base", code: "invalid" });
  }
  if (wanted.state === "open" && pull.state === "closed") {
    refuseDuplicate(repository, pull.head, wanted.base ?? pull.base, UPDATE);
  }
  const now = new Date();
  pull.title = wanted.title ?? pull.title;
  if (wanted.body !== undefined) pull.body = wanted.body;
  pull.base = wanted.base ?? pull.base;
  if (wanted.state !== undefined && wanted.state !== pull.state) {
    pull.state = wanted.state;
    pull.closedAt = wanted.state === "closed" ? now : null;
  }
  pull.updatedAt = now;
}

/** The pull requests that a list asks for, newest first. */
export function listPulls(repository: Repository, query: URLSearchParams): PullRequest[] {
  const state = query.get("state") ?? "open";
  if (!["open", "closed", "all"].includes(state)) {
    throw validationFailed("/pulls/pulls#list-pull-requests", {
      resource: "PullRequest",
      field: "state",
      code: "invalid",
    });
  }
  const head = query.get("head");
  const base = query.get("base");
  return (
    repository.pulls
      .filter((pull) => state === "all" || pull.state === state)
      // The real service ignores a head that names no owner.
      .filter((pull) => head === null || !head.includes(":") || head === `${repository.owner}:${pull.head}`)
      .filter((pull) => base === null || base === pull.base)
      .reverse()
  );
}

function refuseDuplicate(repository: Repository, head: string, base: string, documentation: string): void {
  const same = (pull: PullRequest) => pull.state === "open" && pull.head === head && pull.base === base;
  if (!repository.pulls.some(same)) return;
  throw custom(documentation, `A pull request already exists for ${repository.owner}:${head}.`);
}

function custom(documentation: string, message: string): GitHubError {
  return validationFailed(documentation, { resource: "PullRequest", code: "custom", message });
}

/** The branch that a head names; null when it belongs to a fork, which there are none of. */
function branchOf(head: string, owner: string): string | null {
  const colon = head.indexOf(":");
  if (colon === -1) return head;
  return head.slice(0, colon).toLowerCase() === owner.toLowerCase() ? head.slice(colon + 1) : null;
}

function parsed<T extends z.ZodType>(schema: T, body: unknown, documentation: string): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const given = typeof body === "object" && body !== null ? body : {};
  const fields = [...new Set(result.error.issues.map((issue) => String(issue.path[0] ?? "")))];
  const missing = fields.filter((field) => !(field in given)).map((field) => `"${field}"`);
  const wrong = fields.filter((field) => field in given).map((field) => `"${field}"`);
  const sentence =
    missing.length > 0
      ? `${missing.join(", ")} ${missing.length > 1 ? "weren't" : "wasn't"} supplied.`
      : `${wrong.join(", ")} ${wrong.length > 1 ? "are" : "is"} not of the right type.`;
  throw new GitHubError(422, `Invalid request.\n\n${sentence}`, { documentation });
}
