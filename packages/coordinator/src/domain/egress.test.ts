import { describe, expect, test } from "bun:test";
import { EgressPattern, type EgressSettings, HostName } from "@farhand/protocol";
import { decideEgress, type EgressTarget, effectivePolicy } from "./egress.ts";
import { PACKAGE_HOSTS } from "./package-hosts.ts";

function verdict(policy: EgressSettings, place: string, via: EgressTarget["via"] = "connect"): string {
  const colon = place.lastIndexOf(":");
  const decided = decideEgress(policy, {
    host: place.slice(0, colon),
    port: Number(place.slice(colon + 1)),
    via,
  });
  if (!decided.allowed) return decided.rule;
  return decided.isRaw ? "raw" : "allowed";
}

const list = (...hosts: string[]): EgressSettings => ({ mode: "list", hosts });

describe("by the mode", () => {
  test.each<[EgressSettings["mode"], string, string]>([
    ["none", "registry.npmjs.org:443", "off"],
    ["none", "mine.example.com:443", "off"],
    ["packages", "registry.npmjs.org:443", "allowed"],
    ["packages", "files.pythonhosted.org:443", "allowed"],
    ["packages", "de.archive.ubuntu.com:443", "allowed"],
    ["packages", "mine.example.com:443", "allowed"],
    ["packages", "github.com:443", "not_listed"],
    ["packages", "evil.registry.npmjs.org:443", "not_listed"],
    ["packages", "registry.npmjs.org.evil.example:443", "not_listed"],
    ["packages", "xregistry.npmjs.org:443", "not_listed"],
    ["list", "registry.npmjs.org:443", "not_listed"],
    ["list", "mine.example.com:443", "allowed"],
    ["all", "anything.example:443", "allowed"],
    ["all", "anything.example:22", "port"],
    ["all", "192.0.2.1:443", "allowed"],
    ["all", "192.0.2.1:22", "port"],
    ["all", "2001:db8::1:443", "allowed"],
    ["list", "192.0.2.1:443", "ip_literal"],
    ["packages", "2001:db8::1:443", "ip_literal"],
    ["none", "192.0.2.1:443", "off"],
  ])("%s makes of %s: %s", (mode, place, expected) => {
    expect(verdict({ mode, hosts: ["mine.example.com"] }, place)).toBe(expected);
  });
});

describe("by a host that is listed", () => {
  test.each<[string, string, EgressTarget["via"], string]>([
    ["a.example.com", "a.example.com:443", "connect", "allowed"],
    ["a.example.com", "a.example.com:80", "plain", "allowed"],
    ["a.example.com", "a.example.com:80", "connect", "port"],
    ["a.example.com", "a.example.com:443", "plain", "port"],
    ["a.example.com", "a.example.com:8443", "connect", "port"],
    ["a.example.com", "b.a.example.com:443", "connect", "not_listed"],
    ["a.example.com:8443", "a.example.com:8443", "connect", "raw"],
    ["a.example.com:8443", "a.example.com:443", "connect", "not_listed"],
    ["a.example.com:443", "a.example.com:443", "connect", "allowed"],
    ["a.example.com:80", "a.example.com:80", "connect", "raw"],
    ["a.example.com:8080", "a.example.com:8080", "plain", "raw"],
    ["*.example.com", "a.example.com:443", "connect", "allowed"],
    ["*.example.com", "a.b.example.com:443", "connect", "allowed"],
    ["*.example.com", "example.com:443", "connect", "not_listed"],
    ["*.example.com", "aexample.com:443", "connect", "not_listed"],
    ["*.example.com", "a.example.com.evil.example:443", "connect", "not_listed"],
    ["*.example.com:8443", "a.example.com:8443", "connect", "raw"],
    ["*.example.com:8443", "a.example.com:443", "connect", "not_listed"],
  ])("%s makes of %s (%s): %s", (pattern, place, via, expected) => {
    expect(verdict(list(pattern), place, via)).toBe(expected);
  });
});

test("a repository's own mode takes the place of the default's, and its hosts come on top", () => {
  const fallback: EgressSettings = { mode: "packages", hosts: ["a.example.com"] };
  expect(effectivePolicy(fallback, null)).toEqual(fallback);
  const own = { repository: "r", mode: null, hosts: ["a.example.com", "b.example.com"] };
  expect(effectivePolicy(fallback, own)).toEqual({
    mode: "packages",
    hosts: ["a.example.com", "b.example.com"],
  });
  expect(effectivePolicy(fallback, { ...own, mode: "none" }).mode).toBe("none");
});

test("every host of the package registries is a pattern that a person could have written", () => {
  for (const host of PACKAGE_HOSTS) expect(EgressPattern.parse(host)).toBe(host);
  expect(new Set(PACKAGE_HOSTS).size).toBe(PACKAGE_HOSTS.length);
});

test.each([
  "*",
  "*.com",
  "a.*.com",
  "*a.com",
  "localhost",
  "1.2.3.4",
  "a.1",
  "0x7f.0x1",
  "::1",
  "a.com:0",
  "a.com:65536",
  "a.com/x",
  "https://a.com",
  "a b.com",
  "-a.com",
  "",
])("%j is no host to allow", (text) => {
  expect(EgressPattern.safeParse(text).success).toBe(false);
});

test.each([
  "A.com",
  "a.com.",
  "a_b.com",
  "127.0.0.1",
  "0x7f.1",
  "1.0x7f",
  "a",
  "a..b",
  `${"a".repeat(64)}.com`,
])("%j is no name of a host", (text) => {
  expect(HostName.safeParse(text).success).toBe(false);
});
