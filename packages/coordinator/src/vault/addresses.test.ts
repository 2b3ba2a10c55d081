import { describe, expect, test } from "bun:test";
import { isPublicAddress, publicAddressOf } from "./addresses.ts";

describe("an address", () => {
  test.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "2001::1",
    "not an address",
    "",
  ])("%s is not one of the public internet", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(["1.1.1.1", "93.184.216.34", "172.32.0.1", "172.15.0.1", "2606:4700::1111", "2a00:1450:4001::1"])(
    "%s is",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe("the public address of a URL", () => {
  const resolving = (addresses: Record<string, string[]>) => async (host: string) => {
    const found = addresses[host];
    if (!found) throw new Error("ENOTFOUND");
    return found;
  };

  test("is the first that its name leads to", async () => {
    const resolve = resolving({ "a.example": ["93.184.216.34", "2606:4700::1111"] });
    expect(await publicAddressOf("https://a.example/v1", resolve)).toBe("93.184.216.34");
    expect(await publicAddressOf("https://[2606:4700::1111]:8443/", resolve)).toBe("2606:4700::1111");
  });

  test("is refused when any of them is within", async () => {
    const resolve = resolving({ "b.example": ["93.184.216.34", "127.0.0.1"] });
    await expect(publicAddressOf("https://b.example", resolve)).rejects.toMatchObject({
      code: "address_refused",
    });
  });

  test.each([
    "http://127.0.0.1:8080",
    "http://2130706433",
    "http://0x7f.1",
    "http://0177.0.0.1",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://169.254.169.254/latest",
  ])("%s is refused in whatever form it is written", async (url) => {
    await expect(publicAddressOf(url, resolving({}))).rejects.toMatchObject({ code: "address_refused" });
  });

  test("is none for a name that nobody knows", async () => {
    await expect(publicAddressOf("https://nowhere.invalid", resolving({}))).rejects.toMatchObject({
      code: "key_unreachable",
    });
  });

  test("of localhost, by the system's own names, is refused", async () => {
    await expect(publicAddressOf("http://localhost:3000")).rejects.toMatchObject({ code: "address_refused" });
  });
});
