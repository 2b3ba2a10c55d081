import type { ErrorCode } from "@farhand/protocol";
import { type FarhandError, failure } from "../domain/failure.ts";

/** What a git command that talked to a remote left behind. */
export interface FailedGit {
  operation: "fetch" | "push";
  /** URL or path, for the sentence. Never with a credential. */
  url: string;
  hasCredential: boolean;
  /** Standard error, in the C locale, and for a push the porcelain output after it. */
  output: string;
  timedOut: boolean;
}

interface Rule {
  pattern: RegExp;
  code: ErrorCode;
  /** Applies to this operation alone. */
  operation?: FailedGit["operation"];
  message(failed: FailedGit): string;
  action(failed: FailedGit): string;
  retryable?: boolean;
}

/** The first rule that fits decides. What the machine lacks comes before what the remote said about it. */
const RULES: Rule[] = [
  {
    pattern: /^(?!remote:).*(No space left on device|Disk quota exceeded)/im,
    code: "disk_full",
    message: ({ url }) => `The server's disk is full: there was no room for ${url}.`,
    action: () => "Free some space on the data folder's disk, then try again.",
    retryable: true,
  },
  {
    // Of this side: what the remote lacks is told after `remote:`.
    pattern: /^(?!remote:).*(out of memory|[mc]alloc failed|realloc failed|cannot allocate memory)/im,
    code: "payload_too_large",
    message: ({ url }) =>
      `${url} holds a commit or a folder so large, or so many, that git has no room for it in the memory that it may use.`,
    action: () =>
      "Look at what the repository holds with `git rev-list --objects --all --disk-usage`, and leave that out.",
  },
  {
    pattern: /\[rejected\].*\((non-fast-forward|fetch first|already exists)\)/,
    operation: "push",
    code: "branch_exists",
    message: ({ url }) => `The branch exists at ${url} already and holds other commits.`,
    action: () => "Delete or rename that branch there, then try again. Farhand never overwrites one.",
  },
  {
    pattern: /\[remote rejected\]|\[rejected\]|hook declined|protected branch/i,
    operation: "push",
    code: "push_refused",
    message: (failed) => `The remote refused the push: ${remoteSentence(failed.output)}`,
    action: () => "Change the rule at the remote, or ask for what it allows.",
  },
  {
    pattern: /requested URL returned error: 403/,
    operation: "push",
    code: "push_refused",
    message: (failed) => `The remote refused the push: ${remoteSentence(failed.output)}`,
    action: () => "Use a token that may write to this repository.",
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: "repository_unreachable",
    message: ({ url }) => `The ssh server of ${url} is not known to this machine.`,
    action: () => "Connect to it once with ssh as the user that runs the coordinator, and check its key.",
  },
  {
    pattern:
      /could not read (Username|Password)|Authentication failed|Invalid username or (password|token)|Permission denied \(|requested URL returned error: (401|403)\b/i,
    code: "repository_needs_credential",
    message: ({ url, hasCredential }) =>
      hasCredential
        ? `${url} does not accept the credential that is set for it.`
        : `${url} does not exist or needs a credential.`,
    action: ({ hasCredential }) =>
      hasCredential
        ? "Check that the token is valid and may read this repository."
        : "Check the address; for a private repository add a token with `farhand keys add` (the server's owner may set FARHAND_GITHUB_TOKEN instead).",
  },
  {
    pattern: /dubious ownership/,
    code: "repository_unreachable",
    message: ({ url }) => `git does not read ${url}, because another user owns it.`,
    action: () => "Run the coordinator as that user, or give the folder to the one that runs it.",
  },
  {
    pattern:
      /repository '?.*'? not found|Repository not found|does not appear to be a git repository|requested URL returned error: 404|not a valid repository name|returned error: 410/i,
    code: "repository_not_found",
    message: ({ url }) => `There is no git repository at ${url}.`,
    action: () => "Check the address for typing errors.",
  },
  {
    pattern:
      /SSL certificate|certificate verif|issuer certificate|SSL_ERROR|SSL routines|SSL connect|gnutls|TLS connect/i,
    code: "repository_unreachable",
    message: ({ url }) => `No secure connection to ${url}: its certificate is not trusted, or TLS failed.`,
    action: () => "If its authority is your own, set GIT_SSL_CAINFO to its certificate and restart.",
  },
  {
    pattern: /Operation too slow|Connection timed out|timed out/i,
    code: "repository_unreachable",
    message: ({ url }) => `${url} stopped answering.`,
    action: () => "Try again later.",
    retryable: true,
  },
  {
    pattern: /transport '.*' not allowed|protocol '.*' is not supported/,
    code: "repository_unreachable",
    message: ({ url }) => `${url} is not reached over http, https, ssh or a path.`,
    action: () => "Give an address of one of these kinds.",
  },
  {
    pattern: /Could not resolve (host|proxy)|Name or service not known|Temporary failure in name resolution/i,
    code: "repository_unreachable",
    message: ({ url }) => `The host name of ${url} is not known.`,
    action: () => "Check the address and this machine's name server.",
    retryable: true,
  },
  {
    pattern:
      /Failed to connect|Couldn't connect|Connection refused|Connection reset|No route to host|Network is unreachable|Empty reply|requested URL returned error: (429|5\d\d)|hung up unexpectedly|early EOF|RPC failed|unexpected disconnect|Connection closed|unable to update url base from redirection|invalid server response|not valid: is this a git repository|Could not read from remote repository/i,
    code: "repository_unreachable",
    message: ({ url }) => `${url} cannot be reached, or broke off.`,
    action: () => "Check that the server runs and that this machine may reach it, then try again.",
    retryable: true,
  },
  {
    pattern: /fsck error|error in (packed )?object|fatal: fsck/i,
    operation: "fetch",
    code: "repository_unreachable",
    message: ({ url }) => `${url} holds damaged or malicious objects, and git refused them.`,
    action: () => "Run `git fsck` on the repository and mend what it names.",
  },
];

/**
 * What a failed fetch or push means for the user, or null when the remote is not to blame as far as can be
 * told: then it is a bug, or a repository of ours is damaged.
 */
export function classifyGitFailure(failed: FailedGit): FarhandError | null {
  // A repository's name may read like a reason: https://example.org/gnutls/403.
  const output = failed.output.replaceAll(failed.url.replace(/\/+$/, ""), "<url>");
  const text = failed.timedOut ? `${output}\nOperation timed out` : output;
  const rule = RULES.find(
    (candidate) =>
      (candidate.operation === undefined || candidate.operation === failed.operation) &&
      candidate.pattern.test(text),
  );
  if (rule === undefined) return null;
  return failure(rule.code, rule.message(failed), rule.action(failed), {
    retryable: rule.retryable ?? false,
  });
}

/** The longest sentence of a remote that is passed on, in characters. */
const REMOTE_SENTENCE_MAX = 500;

/** What the remote itself said, else the reason that git gives for it. */
function remoteSentence(output: string): string {
  const said = [...output.matchAll(/^remote: ?(.*)$/gm)]
    .map((match) => (match[1] ?? "").replace(/\p{Cc}/gu, "").trim())
    .filter((line) => line !== "");
  const reason = /\[(?:remote )?rejected\].*\(([^)]*)\)/.exec(output)?.[1] ?? "no reason was given";
  const sentence = said.length > 0 ? said.join(" ") : reason;
  return sentence.length > REMOTE_SENTENCE_MAX ? `${sentence.slice(0, REMOTE_SENTENCE_MAX)}…` : sentence;
}
