import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { publicAddressOf } from "./addresses.ts";

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
    // What a cloud's own host answers on, and reserved networks that only one of two lists once had.
    "http://168.63.129.16/machine",
    "http://192.31.196.1",
    "http://192.52.193.1",
    "http://192.175.48.1",
    "http://[2620:4f:8000::1]",
    "http://[64:ff9b::a00:1]",
  ])("%s is refused in whatever form it is written", async (url) => {
    await expect(publicAddressOf(url, resolving({}))).rejects.toMatchObject({ code: "address_refused" });
  });

  test("is refused when it is this very machine's, whatever network that is in", async () => {
    const own = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
    const [first] = own.filter(({ family }) => family === "IPv4");
    const resolve = resolving({ "me.example": [first?.address ?? "127.0.0.1"] });
    await expect(publicAddressOf("https://me.example", resolve)).rejects.toMatchObject({
      code: "address_refused",
    });
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
