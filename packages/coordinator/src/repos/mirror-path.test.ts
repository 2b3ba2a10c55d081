import { describe, expect, test } from "bun:test";
import { join, normalize } from "node:path";
import fc from "fast-check";
import { mirrorPath } from "./mirror-path.ts";

describe("the place of a mirror", () => {
  test.each([
    ["https://github.com/o/n", "u1/github.com/o/n.git"],
    ["https://github.com/o/n.git", "u1/github.com/o/n.git"],
    ["https://github.com/o/n/", "u1/github.com/o/n.git"],
    ["ssh://git@example.org/a/b/c.git", "u1/example.org/a/b/c.git"],
    ["git@example.org:o/n.git", "u1/example.org/o/n.git"],
    ["http://localhost:8080/n.git", "u1/localhost_8080/n.git"],
  ])("of %s is %s", (url, expected) => {
    expect(mirrorPath("u1", url)).toBe(expected);
  });

  test.each([
    ["/srv/git/My Project.git", /^u1\/local\/My-Project-[0-9a-f]{12}\.git$/],
    ["file:///srv/git/n.git", /^u1\/local\/n-[0-9a-f]{12}\.git$/],
    ["/", /^u1\/local\/repository-[0-9a-f]{12}\.git$/],
    ["https://example.org/a.git/b", /^u1\/example\.org\/b-[0-9a-f]{12}\.git$/],
    ["https://example.org/%2e%2e/%2e%2e/x", /^u1\/example\.org\/x\.git$/],
    ["https://[::1]:81/x", /^u1\/_-1-81-[0-9a-f]{12}\/x-[0-9a-f]{12}\.git$/],
  ])("of %s is like %p", (url, expected) => {
    expect(mirrorPath("u1", url)).toMatch(expected);
  });

  test("differs between users, paths and hosts", () => {
    const all = [
      "/srv/n",
      "/srv/n.git",
      "/srv2/n",
      "https://a.org/n",
      "https://b.org/n",
      "https://local/srv/n",
      "https://a.org/n%20n",
      "https://a.org/n%20n/x",
    ];
    const places = ["u1", "u2"].flatMap((user) => all.map((url) => mirrorPath(user, url)));
    expect(new Set(places).size).toBe(places.length);
  });

  test("never leads out of the folder of mirrors", () => {
    const odd = fc.string({
      unit: fc.constantFrom(".", "..", "/", "a", "%2e", "\\", " ", "é", ".git", "-", "\0"),
    });
    fc.assert(
      fc.property(
        odd,
        odd,
        fc.constantFrom("/", "https://x.org/", "ssh://h/", "file:///"),
        (user, path, start) => {
          const place = mirrorPath(user, start + path);
          expect(place).toMatch(/^[A-Za-z0-9_][^\0\\]*\.git$/);
          expect(normalize(join("/mirrors", place))).toBe(`/mirrors/${place}`);
        },
      ),
    );
  });
});
