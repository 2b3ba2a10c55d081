import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { isOutsideAddress, isOwnAddress, isPublicAddress } from "./addresses.ts";

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "168.63.129.15",
  "2606:4700:4700::1111",
  "2a00:1450::1",
  "64:ff9b::1.1.1.1",
  "64:ff9b::808:808",
])("%s is an address of the public internet", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  // Unspecified, private, loopback, link-local, shared, reserved, documentation, benchmarks, multicast, broadcast.
  "0.0.0.0",
  "0.255.255.255",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.0",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.0.1",
  "172.16.0.0",
  "172.31.255.255",
  "192.0.0.1",
  "192.0.2.1",
  "192.31.196.1",
  "192.52.193.1",
  "192.175.48.1",
  "192.88.99.1",
  "192.168.0.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  // Where clouds serve credentials.
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
  "fe80::a9fe:a9fe",
  // IPv6 of the same kinds.
  "::",
  "::1",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "fec0::1",
  "fc00::1",
  "fdff::1",
  "ff02::1",
  "100::1",
  "2001:db8::1",
  "2620:4f:8000::1",
  "3fff::1",
  "5f00::1",
  // IPv4 within IPv6.
  "::ffff:127.0.0.1",
  "::ffff:1.1.1.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "64:ff9b::127.0.0.1",
  "64:ff9b::a00:1",
  "64:ff9b::169.254.169.254",
  "64:ff9b::",
  "64:ff9b:1::1.1.1.1",
  "2002:7f00:1::1",
  "2002:101:101::1",
  "2001:0:7f00:1::",
  // No addresses.
  "",
  "localhost",
  "127.1",
  "0x7f.0.0.1",
  "2130706433",
  "1.1.1.1.",
  "[::1]",
])("%s is none", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test("this machine's own addresses are known, whatever networks they are in", () => {
  const own = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
  expect(own.length).toBeGreaterThan(0);
  for (const { address } of own) {
    expect(isOwnAddress(address)).toBe(true);
    expect(isOutsideAddress(address)).toBe(false);
  }
  expect(isOutsideAddress("1.1.1.1")).toBe(true);
  expect(isOwnAddress("192.0.2.77")).toBe(false);
});
