import { describe, expect, test } from "bun:test";
import { readConfig } from "./config.ts";

describe("listening beyond loopback", () => {
  const proxied = {
    FARHAND_HOST: "0.0.0.0",
    FARHAND_PUBLIC_URL: "https://farhand.example.com",
    FARHAND_TRUSTED_PROXIES: "172.31.87.2",
  };

  test("is refused without TLS unless it was said twice", () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "farhand.lan"]) {
      expect(() => readConfig({ FARHAND_HOST: host })).toThrow(/without TLS everybody on the way reads/);
      expect(() => readConfig({ FARHAND_HOST: host, FARHAND_ALLOW_PLAIN_HTTP: "no" })).toThrow();
      expect(readConfig({ FARHAND_HOST: host, FARHAND_ALLOW_PLAIN_HTTP: "yes" }).host).toBe(host);
    }
  });

  test("is right behind a proxy with TLS that is named, and with nothing less", () => {
    expect(readConfig(proxied)).toMatchObject({
      host: "0.0.0.0",
      trustedProxies: ["172.31.87.2"],
      allowPlainHttp: false,
    });
    expect(readConfig({ ...proxied, FARHAND_ALLOW_PLAIN_HTTP: "yes" }).allowPlainHttp).toBe(true);
    expect(() => readConfig({ ...proxied, FARHAND_TRUSTED_PROXIES: "" })).toThrow(/without TLS/);
    expect(() => readConfig({ ...proxied, FARHAND_PUBLIC_URL: "http://farhand.example.com" })).toThrow(
      /without TLS/,
    );
    expect(() => readConfig({ FARHAND_HOST: "0.0.0.0", FARHAND_TRUSTED_PROXIES: "10.0.0.1" })).toThrow();
  });

  test("is told what to do about it", () => {
    expect(() => readConfig({ FARHAND_HOST: "0.0.0.0", FARHAND_ALLOW_PLAIN_HTTP: "true" })).toThrow(
      /FARHAND_ALLOW_PLAIN_HTTP/,
    );
    try {
      readConfig({ FARHAND_HOST: "0.0.0.0" });
    } catch (error) {
      expect(error).toMatchObject({ failure: { action: expect.stringContaining("deploy/compose.yaml") } });
    }
  });
});

describe("trusted proxies", () => {
  test("are none, or those of this machine where the public address has TLS", () => {
    expect(readConfig({}).trustedProxies).toEqual([]);
    expect(readConfig({ FARHAND_PUBLIC_URL: "http://farhand.lan" }).trustedProxies).toEqual([]);
    expect(readConfig({ FARHAND_PUBLIC_URL: "https://farhand.example.com" }).trustedProxies).toEqual([
      "127.0.0.0/8",
      "::1/128",
    ]);
  });

  test("are addresses and networks, and nothing else", () => {
    const read = (list: string) => readConfig({ FARHAND_TRUSTED_PROXIES: list }).trustedProxies;
    expect(read("10.0.0.0/8, 2001:db8::/32 192.0.2.1")).toEqual(["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]);
    for (const wrong of ["proxy.example.com", "10.0.0.0/33", "::1/129", "10.0.0.0/8/8", "10.0.0.0/", "*"])
      expect(() => read(wrong)).toThrow(/FARHAND_TRUSTED_PROXIES/);
  });
});

test("origins of other pages are whole origins, and none by default", () => {
  const read = (list: string) => readConfig({ FARHAND_CORS_ORIGINS: list }).corsOrigins;
  expect(readConfig({}).corsOrigins).toEqual([]);
  expect(read("https://app.example.com,http://localhost:3000")).toEqual([
    "https://app.example.com",
    "http://localhost:3000",
  ]);
  for (const wrong of [
    "*",
    "null",
    "https://app.example.com/",
    "app.example.com",
    "https://*.example.com",
    "file:///",
  ])
    expect(() => read(wrong)).toThrow(/FARHAND_CORS_ORIGINS/);
});

test("a webhook's secret is long enough that nobody finds it by trying", () => {
  expect(() => readConfig({ FARHAND_GITHUB_WEBHOOK_SECRET: "short" })).toThrow(/at least 16/);
  expect(() => readConfig({ FARHAND_GITLAB_WEBHOOK_TOKEN: "short" })).toThrow(/at least 16/);
  expect(readConfig({ FARHAND_GITHUB_WEBHOOK_SECRET: "x".repeat(16) }).githubWebhookSecret).toBe(
    "x".repeat(16),
  );
});
