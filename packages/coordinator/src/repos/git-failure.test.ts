import { describe, expect, test } from "bun:test";
import type { ErrorCode } from "@farhand/protocol";
import { classifyGitFailure, type FailedGit } from "./git-failure.ts";

const url = "https://example.org/o/n.git";
const failed = (
  operation: FailedGit["operation"],
  output: string,
  more: Partial<FailedGit> = {},
): FailedGit => ({
  operation,
  url,
  hasCredential: false,
  output,
  timedOut: false,
  ...more,
});

const fetches: [string, ErrorCode | null][] = [
  ["fatal: Out of memory, malloc failed (tried to allocate 1200000117 bytes)", "payload_too_large"],
  [`remote: Repository not found.\nfatal: repository '${url}/' not found`, "repository_not_found"],
  [
    "fatal: '/no/such' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    "repository_not_found",
  ],
  [`fatal: unable to access '${url}/': The requested URL returned error: 404`, "repository_not_found"],
  ["ERROR: Repository not found.\nfatal: Could not read from remote repository.", "repository_not_found"],
  [
    "error: unable to read askpass response from '/bin/false'\nfatal: could not read Username for 'https://example.org': terminal prompts disabled",
    "repository_needs_credential",
  ],
  [
    "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://example.org/o/n.git/'",
    "repository_needs_credential",
  ],
  [`fatal: unable to access '${url}/': The requested URL returned error: 403`, "repository_needs_credential"],
  [
    "git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.",
    "repository_needs_credential",
  ],
  [`fatal: unable to access '${url}/': Could not resolve host: example.org`, "repository_unreachable"],
  [
    "ssh: Could not resolve hostname example.org: Name or service not known\nfatal: Could not read from remote repository.",
    "repository_unreachable",
  ],
  [
    `fatal: unable to access '${url}/': Failed to connect to example.org port 443 after 3 ms: Couldn't connect to server`,
    "repository_unreachable",
  ],
  [
    "ssh: connect to host example.org port 22: Connection refused\nfatal: Could not read from remote repository.",
    "repository_unreachable",
  ],
  [
    `fatal: unable to access '${url}/': server certificate verification failed. CAfile: none CRLfile: none`,
    "repository_unreachable",
  ],
  [
    `fatal: unable to access '${url}/': SSL certificate problem: self-signed certificate`,
    "repository_unreachable",
  ],
  [
    `fatal: unable to access '${url}/': gnutls_handshake() failed: An unexpected TLS packet was received.`,
    "repository_unreachable",
  ],
  ["Host key verification failed.\nfatal: Could not read from remote repository.", "repository_unreachable"],
  [
    `fatal: unable to access '${url}/': Operation too slow. Less than 1 bytes/sec transferred the last 60 seconds`,
    "repository_unreachable",
  ],
  [`fatal: unable to access '${url}/': The requested URL returned error: 502`, "repository_unreachable"],
  [
    "error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output",
    "repository_unreachable",
  ],
  ["fatal: detected dubious ownership in repository at '/home/a/n'", "repository_unreachable"],
  ["fatal: transport 'ftp' not allowed", "repository_unreachable"],
  [
    "error: object 1234: hasDotgit: contains '.git'\nfatal: fsck error in packed object",
    "repository_unreachable",
  ],
  ["fatal: write error: No space left on device\nfatal: early EOF", "disk_full"],
  ["error: unable to write file: Disk quota exceeded", "disk_full"],
  ["remote: fatal: write error: No space left on device\nfatal: early EOF", "repository_unreachable"],
  ["fatal: bad object refs/heads/main", null],
  ["fatal: not a git repository: '/data/repos/mirrors/x.git'", null],
  ["", null],
];

const pushes: [string, ErrorCode | null][] = [
  ["!\trefs/heads/a:refs/heads/a\t[rejected] (non-fast-forward)\nDone", "branch_exists"],
  ["!\trefs/heads/a:refs/heads/a\t[rejected] (fetch first)\nDone", "branch_exists"],
  [
    "remote: error: GH006: Protected branch update failed\n!\ta:a\t[remote rejected] (protected branch hook declined)",
    "push_refused",
  ],
  ["!\ta:a\t[remote rejected] (pre-receive hook declined)", "push_refused"],
  ["remote: fatal: No space left on device\n!\ta:a\t[remote rejected] (unpacker error)", "push_refused"],
  [
    `remote: Permission to o/n.git denied to me.\nfatal: unable to access '${url}/': The requested URL returned error: 403`,
    "push_refused",
  ],
  [
    "fatal: could not read Username for 'https://example.org': terminal prompts disabled",
    "repository_needs_credential",
  ],
  [`fatal: unable to access '${url}/': Failed to connect to example.org port 443`, "repository_unreachable"],
  [`fatal: repository '${url}/' not found`, "repository_not_found"],
  ["error: src refspec refs/heads/a does not match any", null],
];

describe("what git says", () => {
  test.each(fetches)("on a fetch, %j means %p", (output, code) => {
    expect(classifyGitFailure(failed("fetch", output))?.code ?? null).toBe(code);
  });

  test.each(pushes)("on a push, %j means %p", (output, code) => {
    expect(classifyGitFailure(failed("push", output))?.code ?? null).toBe(code);
  });

  test("is not looked for in the repository's own name", () => {
    const odd = "https://example.org/gnutls/Connection-refused";
    const output = `fatal: repository '${odd}/' not found`;
    expect(classifyGitFailure(failed("fetch", output, { url: odd }))?.code).toBe("repository_not_found");
  });

  test("is passed on in the remote's own words, without control characters and not without end", () => {
    const said = `remote: \u001b[31mfile big.bin is 120 MB;\u001b[0m        \nremote: \nremote: the limit is 100 MB${"!".repeat(900)}`;
    const message = classifyGitFailure(
      failed("push", `${said}\n!\ta:a\t[remote rejected] (hook declined)`),
    )?.message;
    expect(message).toContain("file big.bin is 120 MB;");
    expect(message).toContain("the limit is 100 MB!");
    expect(message).not.toContain("\u001b");
    expect(message?.length).toBeLessThan(600);
  });

  test("counts as no answer when we had to end it", () => {
    const failure = classifyGitFailure(failed("fetch", "", { timedOut: true }));
    expect(failure?.failure).toMatchObject({ code: "repository_unreachable", retryable: true });
  });

  test("names what to do: another sentence with a credential than without", () => {
    const output = "fatal: Authentication failed for 'https://example.org'";
    const without = classifyGitFailure(failed("fetch", output));
    const having = classifyGitFailure(failed("fetch", output, { hasCredential: true }));
    expect(without?.failure.action).toContain("FARHAND_GITHUB_TOKEN");
    expect(having?.message).toContain("does not accept the credential");
  });
});
