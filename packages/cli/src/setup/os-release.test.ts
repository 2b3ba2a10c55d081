import { expect, test } from "bun:test";
import { isDebianLike, parseOsRelease } from "./os-release.ts";

test("the distribution is read from its file, with quotes of either kind or none", () => {
  const debian = parseOsRelease(
    `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n`,
  );
  expect(debian).toEqual({
    id: "debian",
    codename: "bookworm",
    prettyName: "Debian GNU/Linux 12 (bookworm)",
  });
  expect(parseOsRelease("# a comment\nID='ubuntu'\nVERSION_CODENAME='noble'").codename).toBe("noble");
});

test("what a file leaves out is not invented", () => {
  expect(parseOsRelease("ID=alpine\n")).toEqual({ id: "alpine", codename: null, prettyName: "alpine" });
  expect(parseOsRelease("")).toEqual({ id: "linux", codename: null, prettyName: "linux" });
});

test("apt's packages are only looked for where apt is", () => {
  const release = (id: string, codename: string | null) => ({ id, codename, prettyName: id });
  expect(isDebianLike(release("debian", "bookworm"))).toBe(true);
  expect(isDebianLike(release("ubuntu", "noble"))).toBe(true);
  expect(isDebianLike(release("fedora", null))).toBe(false);
  expect(isDebianLike(release("debian", null))).toBe(false);
  expect(isDebianLike(null)).toBe(false);
});
