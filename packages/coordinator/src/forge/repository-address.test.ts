import { describe, expect, test } from "bun:test";
import { FarhandError } from "../domain/failure.ts";
import { parseRepository, repositoryName } from "./repository-address.ts";

describe("a repository's address", () => {
  test.each([
    ["https://github.com/o/n", "https://github.com/o/n", "https", "github.com", "o/n"],
    [" https://GitHub.com/o/n.git/ ", "https://github.com/o/n.git", "https", "github.com", "o/n"],
    ["http://127.0.0.1:8080/o/n.git", "http://127.0.0.1:8080/o/n.git", "http", "127.0.0.1:8080", "o/n"],
    ["https://example.org:443/a/b/c", "https://example.org/a/b/c", "https", "example.org", "a/b/c"],
    ["https://example.org/a/../b", "https://example.org/b", "https", "example.org", "b"],
    [
      "ssh://git@Example.org:2222/o/n.git",
      "ssh://git@example.org:2222/o/n.git",
      "ssh",
      "example.org:2222",
      "o/n",
    ],
    ["ssh://example.org/o/n", "ssh://example.org/o/n", "ssh", "example.org", "o/n"],
    ["git@GitHub.com:o/n.git", "git@github.com:o/n.git", "ssh", "github.com", "o/n"],
    ["me@example.org:/srv/n", "me@example.org:/srv/n", "ssh", "example.org", "srv/n"],
    ["https://[::1]:80/o/n", "https://[::1]:80/o/n", "https", "[::1]:80", "o/n"],
    ["GitHub.com/o/n.git", "https://github.com/o/n.git", "https", "github.com", "o/n"],
    ["127.0.0.1:8080/o/n", "https://127.0.0.1:8080/o/n", "https", "127.0.0.1:8080", "o/n"],
  ] as const)("%j is taken as %s", (input, address, scheme, host, path) => {
    expect(parseRepository(input)).toEqual({ kind: "url", address, scheme, host, path });
  });

  test.each([
    ["/srv/git/n.git", "/srv/git/n.git"],
    ["/srv/git/../My Project/", "/srv/My Project"],
    ["file:///srv/My%20Project", "/srv/My Project"],
    ["file://localhost/srv/n/", "/srv/n"],
    ["//srv/n", "/srv/n"],
  ])("%j is the path %s", (input, address) => {
    expect(parseRepository(input)).toEqual({ kind: "path", address });
  });

  test("is the same when it is taken a second time", () => {
    for (const input of [
      "https://a.org/o/n.git",
      "ssh://git@a.org/x",
      "git@a.org:o/n",
      "/srv/n",
      "file:///srv/a%20b",
    ]) {
      const { address } = parseRepository(input);
      expect(parseRepository(address).address).toBe(address);
    }
  });

  test.each([
    ["https://GitHub.com/o/n.git", "github.com/o/n"],
    ["git@github.com:o/n", "github.com/o/n"],
    ["ssh://git@example.org:2222/o/n", "example.org/o/n"],
    ["http://127.0.0.1:8080/o/n", "127.0.0.1:8080/o/n"],
    ["http://[::1]:8080/o/n", "[::1]:8080/o/n"],
    ["/srv/git/n.git", "/srv/git/n.git"],
  ])("%j is called %s, and by that name as well", (input, name) => {
    expect(repositoryName(input)).toBe(name);
    expect(repositoryName(name)).toBe(name);
  });

  const codeOf = (input: string) => {
    try {
      return parseRepository(input).address;
    } catch (error) {
      if (error instanceof FarhandError) return error.code;
      throw error;
    }
  };

  test.each([
    "https://me:canary@example.org/o/n",
    "https://canary@github.com/o/n",
    "http://:canary@example.org/o/n",
    "ssh://git:canary@example.org/o/n",
  ])("%j is refused for its credential, which is not repeated", (input) => {
    expect(codeOf(input)).toBe("repository_url_has_credential");
    expect(() => parseRepository(input)).toThrow(/^((?!canary).)*$/);
  });

  test.each([
    "",
    "   ",
    "-u",
    "--upload-pack=touch /tmp/x",
    "ext::sh -c id",
    "fd::17",
    "ftp://example.org/o/n",
    "git://example.org/o/n",
    "javascript://example.org/o/n",
    "o/n",
    "example.org",
    "example.org/",
    "example.org//n",
    "example.org/o/n?tab=readme",
    "-example.org/o/n",
    "./n",
    "../n",
    "~/n",
    "n",
    "C:\\n",
    "example.org:o/n",
    "https://",
    "https:///",
    "https://example.org",
    "https://example.org/",
    "https://github.com/o/n?tab=readme",
    "https://github.com/o/n#readme",
    "https://exa mple.org/o/n",
    "https://example.org/o\n/n",
    "/srv/\0n",
    "file:///srv/%00n",
    "file:///srv/%zz",
    "file://example.org/srv/n",
    "ssh://-oProxyCommand=id/o/n",
    "ssh://-l@example.org/o/n",
    "-oProxyCommand=id@example.org:o/n",
    "git@-oProxyCommand=id:o/n",
    "git@example.org:-n",
    "git@example.org::o",
    "git@example.org:",
    "/",
    "file:///",
  ])("%j is refused", (input) => {
    expect(codeOf(input)).toBe("invalid_request");
  });

  test.each([
    "ftp://me:canary@example.org/o",
    "file://me:canary@localhost/srv/n",
    "https://me:ca/nary@example.org/o",
    "me:canary@example.org:o",
  ])("%j is refused without showing what may be a password", (input) => {
    expect(codeOf(input)).toBe("invalid_request");
    expect(() => parseRepository(input)).toThrow(/^((?!nary).)*$/);
  });
});
