import { expect, test } from "bun:test";
import { reachableHost } from "./reachable-host.ts";

const at = (address: string, internal = false) => [
  { address, family: address.includes(":") ? ("IPv6" as const) : ("IPv4" as const), internal },
];

test("a server on all addresses is reached by one that others know", () => {
  const interfaces = {
    lo: at("127.0.0.1", true),
    docker0: at("172.17.0.1"),
    "br-4f1": at("172.18.0.1"),
    eth0: [...at("fe80::1"), ...at("2001:db8::5"), ...at("192.168.1.5")],
    wlan0: at("192.168.1.9"),
  };
  expect(reachableHost("0.0.0.0", interfaces)).toBe("192.168.1.5");
  expect(reachableHost("::", interfaces)).toBe("192.168.1.5");
  expect(reachableHost("::", { eth0: at("2001:db8::5") })).toBe("2001:db8::5");
  expect(reachableHost("0.0.0.0", { eth0: at("2001:db8::5") })).toBe("127.0.0.1");
  expect(reachableHost("0.0.0.0", { lo: at("127.0.0.1", true), eth0: at("169.254.3.4") })).toBe("127.0.0.1");
});

test("one that listens on an address or a name is reached by it", () => {
  for (const host of ["127.0.0.1", "::1", "192.168.1.5", "farhand.lan"])
    expect(reachableHost(host, { eth0: at("192.168.1.9") })).toBe(host);
});
